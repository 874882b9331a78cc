import RedisClient
import Reprise

/// One examination of a namespace: looks at everything in pages, then judges again, one by one, what looked wrong.
///
/// Each item is judged at one moment, by a script. What spans more than a script may look at, a long queue or a run's many
/// operations, is read in pages beside it, and counts as wrong only if it was so three times while the item stayed the same.
struct Doctor {
    let backend: RedisBackend
    let isRepairing: Bool
    var report = DoctorReport()
    var reader: PagedReader
    var lists: TaskLists
    /// How many repairs were made by this walk.
    var repairs = 0
    /// What looked wrong and is not judged yet.
    var suspects: Set<DoctorItem> = []
    /// The keys whose sizes make up the counts in the meta key.
    private var counted: [String: [String]] = ["parked": [], "suspects": []]

    init(backend: RedisBackend, isRepairing: Bool) {
        self.backend = backend
        self.isRepairing = isRepairing
        reader = PagedReader(backend: backend)
        lists = TaskLists(outbox: backend.keys.outbox)
    }

    mutating func examine() async throws(BackendError) -> DoctorReport {
        // A repair may bring to light what another one mends.
        for _ in 0..<(isRepairing ? 4 : 1) {
            repairs = 0
            (report.runs, report.operations) = (0, 0)
            try await lookAtAll()
            if repairs == 0 { break }
        }
        return report
    }

    private mutating func lookAtAll() async throws(BackendError) {
        let keys = backend.keys
        lists = TaskLists(outbox: keys.outbox)
        counted = ["parked": [], "suspects": []]
        try await lookAtMembers(of: keys.open, as: "run")
        try await lookAtMembers(of: keys.closed, as: "run")
        try await judgeSuspects()
        lists = TaskLists(outbox: keys.outbox)
        try await lookAtMembers(of: keys.leases, as: "lease")
        try await lookAtMembers(of: keys.timers, as: "timer")
        try await lookAtMembers(of: keys.blocked, as: "blocked")
        try await lookAtMembers(of: keys.workers, as: "worker")
        try await lookAtNames(in: ["HSCAN", keys.newest]) { DoctorItem("newest", $0) }
        try await lookAtNames(in: ["HSCAN", keys.corrupt]) { DoctorItem("corrupt", $0) }
        try await look([DoctorItem("outbox", "")])
        let aside = try await reader.send([["HGET", keys.meta, "aside"]])[0]
        try await lookAtKeys()
        try await judgeSuspects()
        // A repair may have made one of these keys.
        if repairs > 0 { return }
        for (field, keys) in counted.sorted(by: { $0.key < $1.key }) where keys.count <= Self.mostCounted {
            var item = DoctorItem("count", parts: [field] + keys)
            item.evidence = (try? aside.asString) ?? "0"
            suspects.insert(item)
        }
        if let total = try await backend.closedBytes() {
            var item = DoctorItem("kept", "")
            item.evidence = DoctorItem.packed(total.marks + [String(total.found)])
            suspects.insert(item)
        }
        try await judgeSuspects()
    }

    // MARK: Looking

    /// How many keys a script may look at for one count.
    private static let mostCounted = 2048

    private mutating func lookAtMembers(of set: String, as kind: String) async throws(BackendError) {
        try await lookAtNames(in: ["ZSCAN", set]) { DoctorItem(kind, $0) }
    }

    /// Looks at the fields of a hash or the members of a sorted set: a page has their values or scores between them.
    private mutating func lookAtNames(
        in command: [String], _ item: (String) -> DoctorItem
    ) async throws(BackendError) {
        try await lookAtPages(command) { page in stride(from: 0, to: page.count, by: 2).map { item(page[$0]) } }
    }

    private mutating func lookAtPages(
        _ command: [String], _ items: ([String]) -> [DoctorItem]
    ) async throws(BackendError) {
        let reader = reader
        try await reader.scan(command) { page throws(BackendError) in try await look(items(page)) }
    }

    /// All keys of the namespace, and the members of those that nothing else leads to.
    private mutating func lookAtKeys() async throws(BackendError) {
        let base = backend.keys.base
        let pattern = base.map { "\\*?[]^-".contains($0) ? "\\\($0)" : "\($0)" }.joined() + "*"
        let reader = reader
        try await reader.scan(["SCAN"], ["MATCH", pattern, "COUNT", "512"]) { page throws(BackendError) in
            try await look(page.map { DoctorItem("key", $0) })
            for key in page {
                let word = key.dropFirst(base.count).prefix { $0 != ":" }
                switch word {
                case "held":
                    try await lookAtNames(in: ["HSCAN", key]) { DoctorItem("held", parts: [key, $0]) }
                case "blocked" where key != backend.keys.blocked:
                    try await lookAtNames(in: ["ZSCAN", key]) { DoctorItem("blockedOfType", parts: [key, $0]) }
                case "idle":
                    try await lookAtPages(["SSCAN", key]) { page in page.map { DoctorItem("idle", parts: [key, $0]) } }
                case "parkedTypes": counted["parked"]?.append(key)
                case "stuck":
                    try await lookAtPages(["SSCAN", key]) { page in page.map { DoctorItem("stuck", parts: [key, $0]) } }
                case "queue", "suspects":
                    if word != "queue" { counted["suspects"]?.append(key) }
                    if key.hasPrefix(base + word + ":a:") { try await lookAtTasks(key) }
                default: break
                }
            }
        }
    }

    /// Activities in a queue that a claim couldn't read.
    private mutating func lookAtTasks(_ key: String) async throws(BackendError) {
        var unreadable: Set<String> = []
        try await reader.list(key) { bytes throws(BackendError) in
            let task = String(decoding: bytes, as: UTF8.self)
            let numbers = task.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
            let isReadable = numbers.count == 3 && numbers.prefix(2).allSatisfy { Int($0) != nil }
            if !isReadable, unreadable.count < DoctorReport.limit { unreadable.insert(task) }
        }
        try await look(unreadable.map { DoctorItem("task", parts: [key, $0]) })
    }

    private mutating func look(_ items: [DoctorItem]) async throws(BackendError) {
        var runs: [String] = []
        for row in try await ask("look", items) {
            if case .operations(let run) = row.content { runs.append(run) } else { try await suspect(row) }
        }
        report.runs += items.count { $0.kind == "run" }
        try await lookAtOperations(of: runs)
        if suspects.count >= 1024 { try await judgeSuspects() }
    }

    private mutating func lookAtOperations(of runs: [String]) async throws(BackendError) {
        for start in stride(from: 0, to: runs.count, by: 16) {
            let some = Array(runs[start..<min(start + 16, runs.count)])
            var reader = reader
            try await reader.scanHashes(some.map(backend.keys.operations)) { index, fields throws(BackendError) in
                report.operations += fields.count { Int($0) != nil }
                let items = fields.map { DoctorItem("operation", "\($0) \(some[index])") }
                for row in try await ask("look", items) { try await suspect(row) }
            }
        }
    }

    /// Notes an item for a second look if something looks wrong.
    private mutating func suspect(_ row: DoctorRow) async throws(BackendError) {
        if case .needs(_, let least, let most, let task, let names) = row.content {
            let count = try await lists.count(of: task, in: names, &reader)
            if (least...most).contains(count) { return }
        }
        suspects.insert(row.item)
    }

    /// Asks a script about items, so many in one call that it takes a millisecond or so.
    func ask(
        _ mode: String, _ items: [DoctorItem], together: Int = 16
    ) async throws(BackendError) -> [DoctorRow] {
        var rows: [DoctorRow] = []
        for start in stride(from: 0, to: items.count, by: together) {
            let some = Array(items[start..<min(start + together, items.count)])
            var call = backend.runner.call(backend.scripts.check, mode)
            for item in some {
                call.append(item.kind)
                call.append(item.name)
                call.append(item.evidence)
            }
            var reply = try ReplyCursor(try await backend.runner.sendRepeating(call), backend.errors)
            rows += try DoctorRow.read(&reply, of: some, backend.errors)
        }
        return rows
    }
}
