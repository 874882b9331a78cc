import Foundation
import Testing

/// The program `reprise`, as it was built beside the tests.
enum CommandLineProgram {
    struct Result {
        var status: Int32
        var output: String
        var errors: String
    }

    static func run(_ arguments: String..., environment: [String: String] = [:]) async throws -> Result {
        try await run(arguments, environment: environment)
    }

    /// - Parameter meanwhile: what to do with the process while it runs.
    static func run(
        _ arguments: [String], environment: [String: String] = [:],
        meanwhile: @escaping @Sendable (Process) async throws -> Void = { _ in }
    ) async throws -> Result {
        let process = Process()
        process.executableURL = try executable()
        process.arguments = arguments
        // A sanitizer's settings are for the program, too.
        let settings = ProcessInfo.processInfo.environment.filter { $0.key.hasSuffix("SAN_OPTIONS") }
        process.environment = environment.merging(settings) { own, _ in own }
        let folder = FileManager.default.temporaryDirectory.appending(path: "reprise-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let files = ["output", "errors"].map { folder.appending(path: $0) }
        for file in files { _ = FileManager.default.createFile(atPath: file.path, contents: nil) }
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = try FileHandle(forWritingTo: files[0])
        process.standardError = try FileHandle(forWritingTo: files[1])
        let (ends, end) = AsyncStream<Void>.makeStream()
        process.terminationHandler = { _ in end.finish() }
        try process.run()
        let result: Swift.Result<Void, any Error>
        do { result = .success(try await meanwhile(process)) } catch {
            process.terminate()
            result = .failure(error)
        }
        for await _ in ends {}
        try result.get()
        return Result(
            status: process.terminationStatus, output: try String(contentsOf: files[0], encoding: .utf8),
            errors: try String(contentsOf: files[1], encoding: .utf8))
    }

    private static func executable() throws -> URL {
        let test = CommandLine.arguments.first { $0.hasSuffix(".xctest") || $0.contains(".xctest/") }
        let bundles = Bundle.allBundles.map(\.bundlePath).filter { $0.hasSuffix(".xctest") }
        for place in bundles + [test, CommandLine.arguments[0], Bundle.main.executablePath].compactMap({ $0 }) {
            var folder = URL(filePath: place)
            while folder.path.count > 1 {
                folder.deleteLastPathComponent()
                let program = folder.appending(path: "reprise")
                var isFolder: ObjCBool = false
                if FileManager.default.fileExists(atPath: program.path, isDirectory: &isFolder), !isFolder.boolValue {
                    return program
                }
            }
        }
        throw CocoaError(.fileNoSuchFile)
    }
}
