import Foundation
import ReplaySupport
import Reprise

/// Runs that wait in memory for the result of an activity.
enum SuspendedRuns {
    /// What one takes of memory, with its engine, its task and the workflow's object; `nil` where the system doesn't tell.
    ///
    /// To be asked first in a process: they would find room in what others have left.
    static func bytesEach(_ count: Int = 20_000) throws -> Int? {
        let run = try ScriptedRun(Deliveries.self, 1)
        var engines: [ReplayEngine] = []
        engines.reserveCapacity(count)
        defer { for engine in engines { engine.evict() } }
        guard let before = residentBytes else { return nil }
        for _ in 0..<count { engines.append(try run.resumed(as: Deliveries.self)) }
        guard let after = residentBytes, engines.allSatisfy({ $0.openActivities.count == 1 }) else { return nil }
        return (after - before) / count
    }

    private static var residentBytes: Int? {
        let fields = try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8).split(separator: " ")
        return fields.flatMap { Int($0[1]) }.map { $0 * Int(getpagesize()) }
    }
}
