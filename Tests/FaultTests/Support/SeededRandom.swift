import Foundation

/// Random numbers that can be had again: SplitMix64.
struct SeededRandom: RandomNumberGenerator {
    let seed: UInt64
    private var state: UInt64

    /// The seed is `REPRISE_FAULT_SEED`, or a random one.
    init() {
        seed =
            ProcessInfo.processInfo.environment["REPRISE_FAULT_SEED"].flatMap(UInt64.init) ?? .random(in: 0...999_999)
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
