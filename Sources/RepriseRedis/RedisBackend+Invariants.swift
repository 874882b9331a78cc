import RedisClient
public import Reprise

extension RedisBackend {
    /// Checks on the live Redis that everything which waits has exactly one thing that wakes it, that lists and runs agree,
    /// and that histories are whole.
    ///
    /// It only reads, in pages, beside running workers: each run is judged at one moment. Retention may remove a run while
    /// it is looked at; that is no violation.
    public func checkInvariants() async throws(BackendError) -> [InvariantViolation] {
        var check = InvariantCheck(backend: self)
        return try await check.run()
    }
}

/// One check of the invariants.
private struct InvariantCheck {
    let backend: RedisBackend
    var violations: [InvariantViolation] = []
    /// The tasks in the queues that have been read, by list.
    var tasks: [String: Set<String>] = [:]
    /// What looked wrong without a look into the queues.
    var suspects: Set<Item> = []

    struct Item: Hashable {
        var kind: String
        var name: String
    }

    init(backend: RedisBackend) { self.backend = backend }

    mutating func run() async throws(BackendError) -> [InvariantViolation] {
        let keys = backend.keys
        try await eachMember(of: keys.open, as: "run")
        try await eachMember(of: keys.closed, as: "run")
        try await eachMember(of: keys.leases, as: "lease")
        try await eachMember(of: keys.timers, as: "timer")
        try await eachMember(of: keys.blocked, as: "blocked")
        try await check([Item(kind: "outbox", name: "")])
        for worker in try await eachMember(of: keys.workers, as: "worker") {
            let nonces = try await scan("HSCAN", keys.held(worker))
            let fields = stride(from: 0, to: nonces.count, by: 2).map { nonces[$0] }
            try await check(fields.map { Item(kind: "held", name: "\(worker) \($0)") })
        }
        if let bytes = try await backend.closedBytes(), bytes.counted != bytes.found {
            let finding = "\(bytes.counted) are counted, \(bytes.found) found"
            violations.append(InvariantViolation("the bytes of the closed runs are counted", finding: finding))
        }
        // What changed while it was read is sound at a second look, at one moment.
        for item in suspects { try await judge(item) }
        return violations
    }

    /// Checks the members of a sorted set and returns them.
    @discardableResult
    private mutating func eachMember(of set: String, as kind: String) async throws(BackendError) -> [String] {
        let scores = try await scan("ZSCAN", set)
        let members = stride(from: 0, to: scores.count, by: 2).map { scores[$0] }
        try await check(members.map { Item(kind: kind, name: $0) })
        return members
    }

    private mutating func check(_ items: [Item]) async throws(BackendError) {
        for start in stride(from: 0, to: items.count, by: 32) {
            let findings = try await findings(items[start..<min(start + 32, items.count)], deep: false)
            for finding in findings {
                var isSuspect = finding.isViolation
                if !isSuspect { isSuspect = try await !contains(finding.lists, finding.text) }
                if isSuspect { suspects.insert(finding.item) }
            }
        }
    }

    private mutating func judge(_ item: Item) async throws(BackendError) {
        for finding in try await findings([item], deep: true) {
            if item.kind == "run", finding.invariant == "a listed run exists and can be read" {
                // Retention may have removed it since it was listed.
                let scores = try await send("ZSCORE", backend.keys.closed, item.name)
                let open = try await send("ZSCORE", backend.keys.open, item.name)
                if scores.isNull, open.isNull { continue }
            }
            let isRun = item.kind == "run" || item.kind == "blocked"
            violations.append(
                InvariantViolation(
                    finding.invariant, finding: finding.text + (isRun ? "" : " (\(item.kind) \(item.name))"),
                    run: isRun ? RunID(item.name) : nil))
        }
    }

    private struct Finding {
        var item: Item
        var isViolation: Bool
        var invariant: String
        var lists: [String]
        var text: String
    }

    private func findings(
        _ items: some Collection<Item>, deep: Bool
    ) async throws(BackendError) -> [Finding] {
        var call = backend.runner.call(backend.scripts.check, deep ? "1" : "0")
        for item in items {
            call.append(item.kind)
            call.append(item.name)
        }
        var reply = try ReplyCursor(try await backend.runner.sendRepeating(call), backend.errors)
        var findings: [Finding] = []
        while !reply.isAtEnd {
            let word = try reply.string()
            let item = Item(kind: try reply.string(), name: try reply.string())
            let middle = try reply.string()
            let text = String(decoding: try reply.bytes(), as: UTF8.self)
            let isViolation = word == "violation"
            findings.append(
                Finding(
                    item: item, isViolation: isViolation, invariant: isViolation ? middle : "",
                    lists: isViolation ? [] : middle.split(separator: "\n").map(String.init), text: text))
        }
        return findings
    }

    /// Whether a task was in one of the lists when they were read.
    private mutating func contains(_ lists: [String], _ task: String) async throws(BackendError) -> Bool {
        for list in lists {
            if tasks[list] == nil {
                var found: Set<String> = []
                var start = 0
                while true {
                    let page = try await send("LRANGE", list, start, start + 511)
                    guard case .array(let elements) = page, !elements.isEmpty else { break }
                    for element in elements { found.insert(try backend.word(element)) }
                    start += elements.count
                }
                tasks[list] = found
            }
            if tasks[list]?.contains(task) == true { return true }
        }
        return false
    }

    /// Reads a whole hash or sorted set in pages: fields or members, each followed by its value or score.
    private func scan(_ command: String, _ key: String) async throws(BackendError) -> [String] {
        var cursor = "0"
        var found: [String] = []
        repeat {
            var reply = try ReplyCursor(try await send(command, key, cursor, "COUNT", 256), backend.errors)
            cursor = try reply.string()
            found += try reply.strings()
        } while cursor != "0"
        return found
    }

    private func send<each Argument: RedisArgument>(
        _ name: String, _ arguments: repeat each Argument
    ) async throws(BackendError) -> RedisReply {
        do throws(RedisError) {
            return try await backend.client.send(RedisCommand(name, repeat each arguments))
        } catch {
            throw backend.errors.mapped(error)
        }
    }
}
