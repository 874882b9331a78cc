import Foundation
import Testing

/// Random numbers that can be had again: SplitMix64.
struct SeededRandom: RandomNumberGenerator {
    let seed: UInt64
    private var state: UInt64

    /// The seed is `REPRISE_FAULT_SEED`, or a random one.
    init() {
        seed =
            ProcessInfo.processInfo.environment["REPRISE_FAULT_SEED"].flatMap(UInt64.init) ?? .random(in: 0...999_999)
        state = seed
        print(comment)
    }

    /// How to have them again.
    var comment: Comment { "REPRISE_FAULT_SEED=\(seed)" }

    /// Others, for the part of a test with this number.
    func branch(_ number: Int) -> SeededRandom {
        var branch = self
        branch.state = state &+ UInt64(number) &* 0x2545_F491_4F6C_DD1D
        return branch
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
