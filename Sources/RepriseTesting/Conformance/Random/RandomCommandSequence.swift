public import Reprise

/// A long sequence of random calls, sensible and senseless ones, that is the same for the same seed.
///
/// Two backends that keep the contract answer it alike: compare their traces. Nothing in it depends on how fast time
/// passes, as long as it takes less than an hour.
public struct RandomCommandSequence: Sendable {
    /// What decides everything.
    public let seed: UInt64
    /// How many calls there are.
    public let length: Int

    /// Makes a sequence.
    public init(seed: UInt64, length: Int = 300) {
        self.seed = seed
        self.length = length
    }

    /// Makes the calls on an empty backend.
    ///
    /// - Parameter advance: lets the backend's time pass, so that leases end. Default: sleeps.
    /// - Returns: each call with its answer, and at the end what became of each run, with its history. Run numbers, times
    ///   and everything whose order is not specified are normalised.
    public func trace(
        on backend: any Backend,
        advance: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }
    ) async throws -> [String] {
        let driver = SequenceDriver(backend: backend, random: SplitMix(seed: seed), advance: advance)
        try await driver.registerWorkers()
        for _ in 0..<length { try await driver.step() }
        try await driver.describeAll()
        return driver.lines
    }
}

/// Random numbers that are the same everywhere.
struct SplitMix: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}
