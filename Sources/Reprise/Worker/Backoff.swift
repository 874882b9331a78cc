/// Delays between tries to reach a store that is away: they double, with jitter, so that a fleet doesn't come back as one.
struct Backoff {
    private var runtime: WorkerRuntime
    private var next = Duration.milliseconds(50)
    private static let maximum = Duration.seconds(2)

    init(_ runtime: WorkerRuntime = .machine) { self.runtime = runtime }

    mutating func delay() -> Duration {
        defer { next = min(next * 2, Backoff.maximum) }
        return next * Double.random(in: 0.5...1, using: &runtime)
    }

    mutating func pause() async {
        let delay = delay()
        try? await runtime.sleep(for: delay)
    }
}
