import Foundation

extension BenchSetting {
    /// In one line.
    var summary: String {
        let log = durability == "off" || durability == "unknown" ? durability : "AOF \(durability)"
        let machine = processor.isEmpty ? "\(cores) cores" : "\(cores) cores of \(processor)"
        return "\(server), durability \(log); \(system), \(machine); \(compiler)"
    }

    var text: String {
        var lines = [summary]
        if isDebugBuild { lines.append("This is a debug build: its times say little. Build it with -c release.") }
        return lines.joined(separator: "\n") + "\n"
    }
}

extension WorkloadReport {
    var text: String {
        var lines = ["\(workload.rawValue)  \(size.grouped) \(summary)"]
        lines.append(row("throughput", "\(median.throughput.rounded3)/s in \(median.seconds.rounded3) s"))
        if let latency = median.latencyMilliseconds {
            lines.append(
                row(
                    "latency",
                    "p50 \(latency.p50.rounded3)   p95 \(latency.p95.rounded3)   p99 \(latency.p99.rounded3)   "
                        + "max \(latency.max.rounded3) ms"))
        }
        lines += rows(median.usage)
        for (name, value) in median.figures.sorted(by: { $0.key < $1.key }) {
            lines.append(row("", "\(name) \(value.rounded3)"))
        }
        if let floor, let engineToFloor {
            lines.append(
                row(
                    "floor",
                    "\(floor.throughput.rounded3)/s, the same calls without an engine; engine/floor "
                        + engineToFloor.rounded3))
            lines += rows(floor.usage)
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private func rows(_ usage: Usage) -> [String] {
        var redis: [String] = []
        if let commands = usage.commands { redis.append("\(commands.rounded3) commands") }
        if let scripts = usage.scripts { redis.append("\(scripts.rounded3) script calls") }
        if let memory = usage.memory { redis.append("\(memory.rounded3) bytes of memory") }
        var cpu = ["this process \(usage.processCPU.rounded3)"]
        if let server = usage.redisCPU { cpu.append("Redis \(server.rounded3)") }
        return [
            row("  CPU each", cpu.joined(separator: "   ") + " ms"),
            row("  Redis each", redis.isEmpty ? "INFO may not be read" : redis.joined(separator: "   ")),
            row(
                "  sent each",
                "\(usage.calls.rounded3) calls in \(usage.bursts.rounded3) bursts   \(usage.bytesSent.rounded3) bytes out"
                    + "   \(usage.bytesReceived.rounded3) bytes in"),
        ]
    }

    private func row(_ label: String, _ text: String) -> String {
        "    " + label.padding(toLength: 14, withPad: " ", startingAt: 0) + text
    }
}
