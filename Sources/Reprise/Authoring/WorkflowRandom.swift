/// Random numbers of a run: the same in every replay. They are not for secrets: whoever knows the run's id can compute them.
///
/// ```swift
/// var generator = context.random
/// let winner = entries.randomElement(using: &generator)
/// ```
///
/// All generators of a run draw from one sequence (SplitMix64; Steele, Lea and Flood, 2014), seeded by the run's id and
/// number.
public struct WorkflowRandom: RandomNumberGenerator {
    let engine: ReplayEngine

    /// The next 64 bits.
    public func next() -> UInt64 { engine.nextRandom() }
}
