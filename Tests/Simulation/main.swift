import Foundation

// The simulation needs a process of its own: it takes over the executor of all tasks.
//
// simulation FIRST LAST     runs these seeds; every twentieth twice, which must give the same trace
// simulation SEED           runs one and prints its trace

/// Writes at once: what is in a buffer is lost in a crash.
func say(_ line: String) { FileHandle.standardOutput.write(Data((line + "\n").utf8)) }

if ProcessInfo.processInfo.environment["SWIFT_DETERMINISTIC_HASHING"] == nil {
    // The order of sets and dictionaries must follow from the seed, too.
    setenv("SWIFT_DETERMINISTIC_HASHING", "1", 1)
    var arguments = CommandLine.arguments.map { strdup($0) } + [nil]
    execv(Bundle.main.executablePath ?? CommandLine.arguments[0], &arguments)
}

let numbers = CommandLine.arguments.dropFirst().compactMap { UInt64($0) }
guard let first = numbers.first else {
    say("usage: simulation SEED | simulation FIRST LAST")
    exit(2)
}

if numbers.count == 1 {
    let report = Simulation(seed: first, checksEveryStep: true, prints: true).run()
    for failure in report.failures { say("failed: \(failure)") }
    exit(report.failures.isEmpty ? 0 : 1)
}

var failed = 0
var lines = 0
for seed in first...numbers[1] {
    // The last one that is named is the one that was running if this process crashes.
    say("seed \(seed)")
    let report = Simulation(seed: seed).run()
    lines += report.lines
    var failures = report.failures
    if seed.isMultiple(of: 20), Simulation(seed: seed).run().hash != report.hash {
        failures.append("it goes another way the second time")
    }
    if !failures.isEmpty {
        failed += 1
        say("FAILED seed \(seed): \(failures.joined(separator: "; "))")
        for line in report.trace.suffix(failed > 3 ? 0 : 40) { say("    \(line)") }
    }
}
say("ran \(first)...\(numbers[1]): \(failed) failed, \(lines) calls and events")
exit(failed == 0 ? 0 : 1)
