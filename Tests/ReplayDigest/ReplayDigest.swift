import Foundation
import ReplaySupport

/// Prints the digest of so many runs of the determinism suite; of all of them, it checks it too. Another process and
/// another build mode must print the same.
@main
enum ReplayDigest {
    static func main() throws {
        let runs = CommandLine.arguments.dropFirst().first.flatMap { Int($0) } ?? Determinism.runs
        let digest = try Determinism.digest(runs: runs)
        print(digest)
        guard runs != Determinism.runs || digest == Determinism.committedDigest else {
            FileHandle.standardError.write(Data("expected \(Determinism.committedDigest)\n".utf8))
            exit(1)
        }
    }
}
