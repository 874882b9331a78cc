import RedisClient

/// What a Redis says of itself; `nil` what its user may not read, or an old server doesn't tell.
struct ServerReading: Sendable {
    /// Commands since it started, those inside scripts included, without script calls and `INFO`.
    var commands: Int?
    /// Script calls since it started.
    var scripts: Int?
    /// CPU time of the thread that runs commands, in seconds; of the whole process if it doesn't tell that.
    var cpu: Double?
    /// Bytes in use, but for those of connections and of the log's buffer, which come and go.
    var memory: Int?

    init(_ redis: RedisClient) async throws(RedisError) {
        let replies = try await redis.pipeline(
            ["commandstats", "cpu", "memory"].map { RedisCommand("INFO", $0) })
        let sections = replies.map { reply in (try? reply.asString).map(ServerReading.fields) ?? [:] }
        if !sections[0].isEmpty {
            let calls = sections[0].mapValues { Int($0.prefix { $0 != "," }.dropFirst("calls=".count)) ?? 0 }
            let isScript = { (name: String) in name == "cmdstat_evalsha" || name == "cmdstat_eval" }
            scripts = calls.filter { isScript($0.key) }.values.reduce(0, +)
            commands = calls.filter { !isScript($0.key) && $0.key != "cmdstat_info" }.values.reduce(0, +)
        }
        cpu = ServerReading.cpu(sections[1], "_main_thread") ?? ServerReading.cpu(sections[1], "")
        let bytes = { (name: String) in sections[2][name].flatMap { Int($0) } }
        memory = bytes("used_memory").map { $0 - (bytes("mem_clients_normal") ?? 0) - (bytes("mem_aof_buffer") ?? 0) }
    }

    private static func cpu(_ fields: [String: Substring], _ suffix: String) -> Double? {
        guard let user = fields["used_cpu_user\(suffix)"].flatMap({ Double($0) }),
            let system = fields["used_cpu_sys\(suffix)"].flatMap({ Double($0) })
        else { return nil }
        return user + system
    }

    /// The lines `name:value` of an answer to `INFO`.
    static func fields(_ info: String) -> [String: Substring] {
        var fields: [String: Substring] = [:]
        for line in info.split(whereSeparator: \.isNewline) {
            guard let colon = line.firstIndex(of: ":") else { continue }
            fields[String(line[..<colon])] = line[line.index(after: colon)...]
        }
        return fields
    }
}
