import Reprise

extension ServerFacts {
    /// What is to be said, the worst first.
    func findings(for roles: [RedisRole], base: String) -> [PreflightFinding] {
        let all =
            [version, cluster, role, policy] + persistence + [replicas, memory, clock, streams]
            + [rights(roles, base), hidden]
        return all.compactMap(\.self).sorted { $0.severity > $1.severity }
    }

    private var version: PreflightFinding? {
        guard let info else { return nil }
        // A Valkey says which Redis it is compatible with.
        let version = info["redis_version"] ?? "unknown"
        let numbers = version.split(separator: ".").compactMap { Int($0) }
        guard numbers.count >= 2, (numbers[0], numbers[1]) < (6, 2) else { return nil }
        return PreflightFinding(
            .unsafe, "version", found: version, consequence: "commands that the scripts use are missing",
            fix: "run Redis 6.2 or later, or Valkey")
    }

    private var cluster: PreflightFinding? {
        guard info?["cluster_enabled"] == "1" else { return nil }
        return PreflightFinding(
            .unsafe, "cluster-enabled", found: "yes", consequence: "Redis Cluster isn't supported yet",
            fix: "give the URL of a stand-alone Redis (redis.conf: cluster-enabled no)")
    }

    private var role: PreflightFinding? {
        guard info?["role"] == "slave" else { return nil }
        return PreflightFinding(
            .unsafe, "role", found: "replica", consequence: "a replica takes no writes, and what it takes is lost",
            fix: "give the URL of its primary, \(info?["master_host"] ?? "?"):\(info?["master_port"] ?? "?")")
    }

    private var policy: PreflightFinding? {
        guard let policy = setting("maxmemory-policy", orInfo: "maxmemory_policy") else { return nil }
        let fix = "CONFIG SET maxmemory-policy noeviction (redis.conf: maxmemory-policy noeviction)"
        if policy.hasPrefix("allkeys-") {
            return PreflightFinding(
                .unsafe, "maxmemory-policy", found: policy,
                consequence: "at maxmemory Redis removes runs and queues without a word", fix: fix)
        } else if policy.hasPrefix("volatile-") {
            return PreflightFinding(
                .warning, "maxmemory-policy", found: policy,
                consequence: "at maxmemory Redis removes what large turns are being prepared of, and keys of others",
                fix: fix)
        }
        return nil
    }

    private var persistence: [PreflightFinding] {
        guard let isOn = setting("appendonly").map({ $0 == "yes" }) ?? info?["aof_enabled"].map({ $0 == "1" }) else {
            return []
        }
        guard isOn else { return [withoutLog] }
        var findings: [PreflightFinding] = []
        if let status = info?["aof_last_write_status"], status != "ok" {
            findings.append(
                PreflightFinding(
                    .warning, "aof_last_write_status", found: status, consequence: "Redis refuses writes",
                    fix: "look into its log, and at the disk"))
        }
        switch setting("appendfsync") {
        case "everysec":
            findings.append(
                PreflightFinding(
                    .note, "appendfsync", found: "everysec",
                    consequence:
                        "a crash of the server's machine may lose the last second or two: runs go back to before",
                    fix: "CONFIG SET appendfsync always (redis.conf: appendfsync always) if that matters"))
        case "no":
            findings.append(
                PreflightFinding(
                    .warning, "appendfsync", found: "no",
                    consequence: "a crash of the server's machine may lose the last half minute",
                    fix: "CONFIG SET appendfsync everysec (redis.conf: appendfsync everysec)"))
        default: break
        }
        return findings
    }

    private var withoutLog: PreflightFinding {
        let fix = "CONFIG SET appendonly yes, and in redis.conf: appendonly yes, appendfsync everysec"
        // Without CONFIG only what a server has done tells whether it makes snapshots.
        let takesSnapshots = setting("save").map { !$0.isEmpty } ?? ((number("rdb_last_bgsave_time_sec") ?? -1) >= 0)
        let found =
            takesSnapshots
            ? "no, with snapshots" : settings == nil ? "no, and no snapshot was seen" : "no, and save is \"\""
        return PreflightFinding(
            takesSnapshots ? .warning : .unsafe, "appendonly", found: found,
            consequence: takesSnapshots
                ? "a crash loses all since the last snapshot" : "a restart loses every run", fix: fix)
    }

    private var replicas: PreflightFinding? {
        guard let count = number("connected_slaves"), count > 0, setting("min-replicas-to-write") ?? "0" == "0" else {
            return nil
        }
        return PreflightFinding(
            .note, "min-replicas-to-write", found: "0, with \(count) replicas",
            consequence: "a failover may lose what had not reached the replica: runs go back to before",
            fix:
                "CONFIG SET min-replicas-to-write 1, min-replicas-max-lag 10 (and in redis.conf) bounds it to 10 seconds"
        )
    }

    private var memory: PreflightFinding? {
        guard let used = number("used_memory"), let limit = number("maxmemory") else { return nil }
        if limit == 0 {
            guard let total = number("total_system_memory"), total > 0, used > total / 10 * 8 else { return nil }
            return PreflightFinding(
                .warning, "maxmemory", found: "0; \(used >> 20) MiB of the machine's \(total >> 20) MiB are used",
                consequence: "the system may kill Redis when memory is full",
                fix: "CONFIG SET maxmemory to less than the machine's memory: then only starts and signals are refused")
        }
        guard used > limit / 10 * 8 else { return nil }
        return PreflightFinding(
            .warning, "maxmemory", found: "\(limit >> 20) MiB, of which \(used >> 20) MiB are used",
            consequence: "when it is full, starts and signals are refused; what runs goes on",
            fix: "raise maxmemory, or keep fewer closed runs: RedisBackend(retention:), sweep()")
    }

    private var clock: PreflightFinding? {
        guard let clockAhead, abs(clockAhead.components.seconds) > 5 else { return nil }
        return PreflightFinding(
            .note, "clock", found: "\(clockAhead.components.seconds) s ahead of this machine's",
            consequence: "timers and leases go by the server's clock, delayed starts by the clock of who starts them",
            fix: "run an NTP client on both machines")
    }

    private var streams: PreflightFinding? {
        guard let bytes = setting("stream-node-max-bytes").flatMap({ Int($0) }), bytes == 0 || bytes > 1024 else {
            return nil
        }
        return PreflightFinding(
            .note, "stream-node-max-bytes", found: String(bytes),
            consequence: "each open run takes 3 kB more than it needs",
            fix:
                "CONFIG SET stream-node-max-bytes 512 (redis.conf: stream-node-max-bytes 512), if no other streams need more"
        )
    }

    private func rights(_ roles: [RedisRole], _ base: String) -> PreflightFinding? {
        var missing = refusedCommands.map { "+\($0)" }
        if refusesKeys { missing.append("~\(base)*") }
        if refusesChannels { missing.append("&\(base)*") }
        guard !missing.isEmpty else { return nil }
        return PreflightFinding(
            .unsafe, "ACL", found: "\(missing.joined(separator: " ")) missing",
            consequence: roles.map(\.consequence).joined(separator: ", "),
            fix: "ACL SETUSER \(user ?? "<user>") \(missing.joined(separator: " "))")
    }

    /// What could not be seen.
    private var hidden: PreflightFinding? {
        guard settings == nil || info == nil else { return nil }
        let unseen =
            info == nil && settings == nil
            ? "version, maxmemory-policy, persistence, replicas and memory"
            : info == nil ? "version, replicas and memory" : "appendfsync, save and stream-node-max-bytes"
        let commands = (info == nil ? ["+info"] : []) + (settings == nil ? ["+config|get"] : [])
        return PreflightFinding(
            info == nil && settings == nil ? .warning : .note, "ACL",
            found: "\(commands.joined(separator: " ")) missing", consequence: "\(unseen) can't be seen",
            fix: "check them yourself, or ACL SETUSER \(user ?? "<user>") \(commands.joined(separator: " "))")
    }
}
