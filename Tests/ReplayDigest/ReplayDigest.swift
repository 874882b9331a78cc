import Foundation
import ReplaySupport

/// Prints the digests of so many runs of the determinism suite; of all of them, it checks them too. Another process and
/// another build mode must print the same.
@main
enum ReplayDigest {
    static func main() throws {
        let runs = CommandLine.arguments.dropFirst().first.flatMap { Int($0) } ?? Determinism.runs
        let digests = try Determinism.digests(runs: runs)
        print(digests)
        guard runs != Determinism.runs || digests == Determinism.committedDigests else {
            FileHandle.standardError.write(Data("expected \(Determinism.committedDigests)\n".utf8))
            exit(1)
        }
    }
}
