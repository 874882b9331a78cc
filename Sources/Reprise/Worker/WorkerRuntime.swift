/// What a worker takes from its machine: the time, chance and threads. A simulation gives it its own.
package struct WorkerRuntime: Sendable {
    /// The time since some instant. It never goes back, and has nothing to do with the backend's clock.
    package var now: @Sendable () -> Duration
    /// Sleeps until a time of ``now``. Throws if the task is cancelled.
    package var sleep: @Sendable (_ end: Duration) async throws -> Void
    /// Random bits.
    package var random: @Sendable () -> UInt64
    /// Whether workflow code runs on threads of the worker's own; if not, then where it is called.
    package var hasThreads: Bool

    package init(
        now: @escaping @Sendable () -> Duration, sleep: @escaping @Sendable (_ end: Duration) async throws -> Void,
        random: @escaping @Sendable () -> UInt64, hasThreads: Bool
    ) {
        self.now = now
        self.sleep = sleep
        self.random = random
        self.hasThreads = hasThreads
    }

    private static let start = ContinuousClock.now

    /// What the machine has.
    package static let machine = WorkerRuntime(
        now: { start.duration(to: .now) },
        sleep: { end in try await Task.sleep(until: start + end, clock: .continuous) },
        random: { .random(in: .min ... .max) },
        hasThreads: true)

    func sleep(for duration: Duration) async throws { try await sleep(now() + duration) }
}

extension WorkerRuntime: RandomNumberGenerator {
    package mutating func next() -> UInt64 { random() }
}
