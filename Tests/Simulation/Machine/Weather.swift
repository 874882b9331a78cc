/// How often what goes wrong. Each seed has its own: most faults seldom or never, some all the time, so that each is also
/// seen alone.
struct Weather {
    var unreachable = 0.0
    var lostReply = 0.0
    var duplicate = 0.0
    /// A request or its reply that takes seconds.
    var slow = 0.0
    /// The mean time between two fates of a worker.
    var fate = Duration.seconds(1_000_000)
    var fates: [Fate] = []
    /// How often an attempt of an activity throws.
    var flaky = 0.0

    enum Fate { case death, freeze, shutdown }

    init() {}

    init(_ chance: inout Chance) {
        func level() -> Double { chance.pick([0, 0, 0.01, 0.05, 0.2]) }
        unreachable = level()
        lostReply = level()
        duplicate = level()
        slow = chance.pick([0, 0, 0.01, 0.05])
        flaky = chance.pick([0, 0.1, 0.4])
        fates = [.death, .freeze, .shutdown].filter { _ in chance.happens(0.6) }
        if !fates.isEmpty { fate = .seconds(chance.pick([3, 8, 20, 60])) }
    }
}
