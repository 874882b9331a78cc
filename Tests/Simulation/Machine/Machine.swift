import Reprise

/// A process that dies with all its memory, or stands still for a while, as at SIGKILL and SIGSTOP.
///
/// `@unchecked Sendable`: the simulation has one thread, see ``Scheduler``.
final class Machine: @unchecked Sendable {
    let name: String
    private let world: World
    private(set) var isDead = false
    private var stillUntil = Duration.zero

    init(_ name: String, _ world: World) {
        self.name = name
        self.world = world
    }

    func kill() { isDead = true }

    func freeze(for duration: Duration) { stillUntil = world.scheduler.now + duration }

    /// Goes on when the process does. A dead one stays here for ever, with all that it knows.
    func goOn() async {
        while !isDead, world.scheduler.now < stillUntil { await world.pause(until: stillUntil) }
        if isDead { await withUnsafeContinuation { (_: UnsafeContinuation<Void, Never>) in } }
    }

    func sleep(until end: Duration) async throws {
        let result: Result<Void, any Error>
        do { result = .success(try await world.scheduler.sleep(until: end)) } catch { result = .failure(error) }
        await goOn()
        try result.get()
    }

    func sleep(for duration: Duration) async throws { try await sleep(until: world.scheduler.now + duration) }

    var runtime: WorkerRuntime {
        WorkerRuntime(
            now: { [self] in world.scheduler.now },
            sleep: { [self] end in try await sleep(until: end) },
            random: { [self] in world.chance.next() },
            hasThreads: false)
    }
}
