import Foundation

/// Shows what the engine's smallest steps cost, in one thread and without a store.
///
/// `engine-bench` measures all. `engine-bench WORK COUNT` does one of them so often and nothing else, for tools that count
/// instructions or allocations.
@main
enum EngineBench {
    static func main() throws {
        let arguments = CommandLine.arguments.dropFirst()
        if arguments.isEmpty {
            try measureAll()
        } else if let work = arguments.first.flatMap(EngineWork.init), arguments.count == 2,
            let count = arguments.last.flatMap({ Int($0) }), count > 0
        {
            // So many units have been done, for whoever divides by them.
            print(try work.prepared()(count))
        } else {
            let names = EngineWork.allCases.map(\.rawValue).joined(separator: ", ")
            FileHandle.standardError.write(Data("usage: engine-bench [WORK COUNT], WORK being one of \(names)\n".utf8))
            exit(64)
        }
    }

    private static func measureAll() throws {
        let bytes = try SuspendedRuns.bytesEach()
        show("| | ns |\n|---|---|")
        for work in EngineWork.allCases {
            show("| \(work.summary) | \(try nanoseconds(work).formatted(.number.precision(.fractionLength(0)))) |")
        }
        if let bytes { show("\nA run that waits in memory takes \(bytes.formatted()) bytes.") }
    }

    /// What a unit takes: of seven rounds the fastest, since other programs only ever add to it.
    private static func nanoseconds(_ work: EngineWork) throws -> Double {
        let perform = try work.prepared()
        let clock = ContinuousClock()
        var count = 1
        while try clock.measure({ _ = try perform(count) }) < .milliseconds(50) { count *= 2 }
        return try (0..<7).map { _ in
            var units = 0
            let time = try clock.measure { units = try perform(count) }
            return time / .nanoseconds(units)
        }.min() ?? 0
    }

    private static func show(_ line: String) { FileHandle.standardOutput.write(Data((line + "\n").utf8)) }
}
