import Logging
import Reprise

/// Everything of one simulated run of the engine: the store, the clocks, the processes, and what is known of them.
///
/// `@unchecked Sendable`: the simulation has one thread, see ``Scheduler``.
final class World: @unchecked Sendable {
    static let lease = Duration.seconds(10)
    static let queues = (main: "main", side: "side")
    /// When the faults end.
    static let calm = Duration.seconds(40)
    /// By then all must have ended.
    static let end = Duration.seconds(900)
    private static let epoch = Timestamp(milliseconds: 1_700_000_000_000)

    let seed: UInt64
    let scheduler: Scheduler
    let store: InMemoryBackend
    var chance: Chance
    var weather: Weather
    let ledger = Ledger()
    private(set) lazy var clients = Clients(self)
    let trace: Trace
    var observer = Observer()
    /// The store can't be reached until then.
    private var awayUntil = Duration.zero
    /// How far the store's clock is off.
    private var clockOffset = Duration.zero
    private let checksEveryStep: Bool
    private var callsUntilCheck = 0
    private(set) var failures: [String] = []
    /// Scenarios that have not ended.
    var unfinished: [String] = []
    var isOver = false

    init(seed: UInt64, checksEveryStep: Bool, prints: Bool) {
        self.seed = seed
        self.checksEveryStep = checksEveryStep
        var chance = Chance(seed: seed)
        weather = Weather(&chance)
        scheduler = Scheduler(Chance(seed: chance.next()))
        self.chance = chance
        trace = Trace(prints: prints)
        store = InMemoryBackend(clock: .virtual(startingAt: World.epoch))
        observer.fail = { [unowned self] in fail($0) }
        scheduler.onTick = { [unowned self] in moveClock() }
    }

    // MARK: What goes on

    func note(_ line: @autoclosure () -> String) { trace.add(line(), at: scheduler.now) }

    /// What must not be. The first counts: it ends the run.
    func fail(_ failure: String) {
        note("FAILURE: \(failure)")
        failures.append(failure)
    }

    /// Checks the store's invariants: now and then, or after every call.
    func check() {
        callsUntilCheck -= 1
        guard checksEveryStep || callsUntilCheck < 0 else { return }
        callsUntilCheck = 24
        for violation in store.checkInvariants() { fail("\(violation)") }
    }

    // MARK: Chance

    func happens(_ probability: Double) -> Bool { probability > 0 && chance.happens(probability) }

    var isCalm: Bool { scheduler.now >= World.calm }

    /// The faults end.
    func calmDown() {
        note("the faults end")
        weather = Weather()
        awayUntil = .zero
    }

    var isAway: Bool { scheduler.now < awayUntil }

    func goAway(for duration: Duration) {
        note("the store is away for \(duration)")
        awayUntil = scheduler.now + duration
    }

    func stepClock(by duration: Duration) {
        note("the store's clock steps by \(duration)")
        clockOffset += duration
        moveClock()
    }

    /// The store's clock never goes back: it stands still until the machine's has come as far.
    private func moveClock() {
        let time = World.epoch.advanced(by: scheduler.now + clockOffset)
        let now = store.now
        guard time > now else { return }
        store.jump(by: .milliseconds(time.milliseconds - now.milliseconds), expiringLeases: true)
    }

    // MARK: Time

    /// Sleeps, whatever becomes of any process.
    func pause(until end: Duration) async { await scheduler.pause(until: end) }

    func pause(for duration: Duration) async { await scheduler.pause(until: scheduler.now + duration) }

    /// How long a message takes.
    func latency() async {
        await pause(for: happens(weather.slow) ? chance.exponential(mean: .seconds(8)) : chance.duration(0...3))
    }
}
