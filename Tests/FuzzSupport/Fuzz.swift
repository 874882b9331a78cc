import Foundation

/// Tests with made-up input: as many cases as fit in a time, each with a seed of its own.
///
/// The first seed is printed; with `REPRISE_FUZZ_SEED` set to it, the same cases come again in the same order. A case that
/// fails names its own seed, with which it comes first. `REPRISE_FUZZ_SECONDS` makes each test take longer.
package enum Fuzz {
    private static let environment = ProcessInfo.processInfo.environment

    /// Runs cases until the time is over, and prints how many there were.
    ///
    /// - Returns: the first cases that threw, with their seeds.
    package static func run(
        _ name: String, for duration: Duration = .seconds(1.2), _ body: (inout Mutator) throws -> Void
    ) -> [String] {
        var cases = Cases(name, duration)
        while var mutator = cases.next() {
            do { try body(&mutator) } catch { cases.failed(error, mutator) }
        }
        return cases.failures
    }

    /// Runs cases that wait for something.
    package static func run(
        _ name: String, for duration: Duration = .seconds(1.2), _ body: (inout Mutator) async throws -> Void
    ) async -> [String] {
        var cases = Cases(name, duration)
        while var mutator = cases.next() {
            do { try await body(&mutator) } catch { cases.failed(error, mutator) }
        }
        return cases.failures
    }

    private struct Cases {
        let name: String
        let first: UInt64
        let start = ContinuousClock.now
        let duration: Duration
        var count: UInt64 = 0
        var failures: [String] = []

        init(_ name: String, _ duration: Duration) {
            self.name = name
            first = environment["REPRISE_FUZZ_SEED"].flatMap { UInt64($0) } ?? .random(in: 0 ... .max / 2)
            self.duration = environment["REPRISE_FUZZ_SECONDS"].flatMap { Double($0) }.map { .seconds($0) } ?? duration
            print("fuzz \(name): REPRISE_FUZZ_SEED=\(first)")
        }

        mutating func next() -> Mutator? {
            let elapsed = ContinuousClock.now - start
            guard elapsed < duration, failures.count < 3 else {
                print("fuzz \(name): \(count) cases, \(Int(Double(count) / (elapsed / .seconds(1)))) a second")
                return nil
            }
            count += 1
            return Mutator(seed: first &+ count &- 1)
        }

        mutating func failed(_ error: any Error, _ mutator: Mutator) {
            failures.append("REPRISE_FUZZ_SEED=\(mutator.seed): \(error)")
        }
    }
}
