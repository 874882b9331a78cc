import RedisClient
import Reprise

/// Reads what may be large in pages that are bounded in elements and, from the second page on, in bytes.
struct PagedReader {
    let backend: RedisBackend
    /// How many elements a page of what may have large values asks for.
    private var count = 8

    init(backend: RedisBackend) { self.backend = backend }

    /// Reads a hash, a set, a sorted set or the names of keys.
    ///
    /// - Parameters:
    ///   - command: the command with what comes before the cursor.
    ///   - options: what comes after it.
    func scan(
        _ command: [String], _ options: [String] = ["COUNT", "256"],
        _ body: ([String]) async throws(BackendError) -> Void
    ) async throws(BackendError) {
        var cursor = "0"
        repeat {
            let reply = try await send([command + [cursor] + options])[0]
            let page: [[UInt8]]
            (cursor, page) = try Self.page(reply, backend.errors)
            if !page.isEmpty { try await body(page.map(Self.text)) }
        } while cursor != "0"
    }

    /// Reads the fields of hashes beside one another. HSCAN brings their values, too, which may be large.
    mutating func scanHashes(
        _ keys: [String], _ body: (Int, [String]) async throws(BackendError) -> Void
    ) async throws(BackendError) {
        var left = keys.indices.map { (index: $0, cursor: "0") }
        while !left.isEmpty {
            let replies = try await send(
                left.map { ["HSCAN", keys[$0.index], $0.cursor, "COUNT", String(count)] })
            var bytes = 0
            var more: [(index: Int, cursor: String)] = []
            for (hash, reply) in zip(left, replies) {
                let (cursor, page) = try Self.page(reply, backend.errors)
                let fields = stride(from: 0, to: page.count, by: 2).map { Self.text(page[$0]) }
                bytes += page.reduce(0) { $0 + $1.count }
                if !fields.isEmpty { try await body(hash.index, fields) }
                if cursor != "0" { more.append((hash.index, cursor)) }
            }
            adapt(to: bytes)
            left = more
        }
    }

    /// Reads a list from its end to its beginning: what is taken from the front or added at the end meanwhile doesn't make
    /// it skip anything, but it may read something twice.
    mutating func list(_ key: String, _ body: ([UInt8]) throws(BackendError) -> Void) async throws(BackendError) {
        var end = -1
        while true {
            let wanted = count * 4
            let reply = try await send([["LRANGE", key, String(end - wanted + 1), String(end)]])[0]
            guard case .array(let elements) = reply else { throw backend.errors.corrupt("\(key) is no list") }
            if elements.isEmpty { return }
            var bytes = 0
            for element in elements {
                guard case .bytes(let value) = element else { continue }
                bytes += value.count
                try body(value)
            }
            end -= wanted
            adapt(to: bytes)
        }
    }

    private mutating func adapt(to bytes: Int) {
        count = bytes > 128 << 10 ? max(1, count / 2) : min(128, count * 2)
    }

    func send(_ commands: [[String]]) async throws(BackendError) -> [RedisReply] {
        let replies: [RedisReply]
        do throws(RedisError) {
            replies = try await backend.client.pipeline(commands.map { RedisCommand(arguments: $0) })
        } catch {
            throw backend.errors.mapped(error)
        }
        for reply in replies { _ = try backend.errors.checked(reply) }
        return replies
    }

    private static func page(
        _ reply: RedisReply, _ errors: ErrorMapping
    ) throws(BackendError) -> (cursor: String, page: [[UInt8]]) {
        guard case .array(let parts) = reply, parts.count == 2, case .bytes(let cursor) = parts[0],
            case .array(let elements) = parts[1]
        else { throw errors.corrupt("the answer of a scan: \(reply)") }
        let page = elements.map { element -> [UInt8] in if case .bytes(let bytes) = element { bytes } else { [] } }
        return (text(cursor), page)
    }

    private static func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
}
