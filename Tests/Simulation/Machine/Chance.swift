/// Random numbers that follow from a seed, the same everywhere.
struct Chance: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed &* 0xd134_2543_de82_ef95 &+ 1 }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }

    mutating func below(_ bound: Int) -> Int { Int(next() >> 1) % bound }

    mutating func happens(_ probability: Double) -> Bool { fraction() < probability }

    /// Between 0 and 1.
    mutating func fraction() -> Double { Double(next() >> 11) / 9_007_199_254_740_992 }

    mutating func pick<Element>(_ elements: [Element]) -> Element { elements[below(elements.count)] }

    /// A duration in whole milliseconds.
    mutating func duration(_ range: ClosedRange<Int>) -> Duration {
        .milliseconds(range.lowerBound + below(range.upperBound - range.lowerBound + 1))
    }

    /// Short mostly, now and then much longer: the times between events that don't know of each other.
    mutating func exponential(mean: Duration) -> Duration {
        let tens = (fraction() * 100).rounded(.up) / 100
        var remaining = tens
        var steps = 0
        // Without logarithms, which may differ from one C library to another.
        while remaining < 1, steps < 40 {
            remaining *= 1.25
            steps += 1
        }
        return .milliseconds(mean.milliseconds * Int64(steps) / 4)
    }
}

extension Duration {
    var milliseconds: Int64 { components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000 }
}
