public import ArgumentParser
import Foundation
import Reprise
import RepriseRedis

/// Checks a Redis and a namespace on it, and repairs what can be repaired.
public struct DoctorCommand: AsyncParsableCommand {
    /// Its name and its help.
    public static let configuration = CommandConfiguration(
        commandName: "doctor", abstract: "Checks the server's settings and the data of a namespace.",
        discussion: """
            It reads in small pages, and can be used beside running workers. Exits with 0 if all is well or was repaired, and \
            with 1 if something is wrong, a setting is unsafe, or the Redis can't be used.
            """)

    @OptionGroup var redis: RedisOptions

    @Flag(help: "Repair what can be repaired safely. No history is changed; a damaged run is blocked.")
    var repair = false

    @Flag(help: "Print JSON.")
    var json = false

    /// Makes a command whose arguments are to be parsed.
    public init() {}

    /// Runs it.
    ///
    /// - Throws: `ExitCode`, after a message.
    public func run() async throws {
        var isWell = false
        try await redis.withBackend { backend in
            let settings = try await backend.preflight(for: repair ? [.worker, .observer] : [.observer])
            let report = try await backend.examine(repairing: repair)
            let diagnosis = Diagnosis(namespace: backend.namespace, settings: settings, report: report)
            print(try json ? diagnosis.json() : diagnosis.text(), terminator: "")
            isWell = diagnosis.isWell
        }
        guard isWell else { throw ExitCode.failure }
    }
}
