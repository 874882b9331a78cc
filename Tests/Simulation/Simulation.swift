import Reprise

/// One run of the whole engine, decided by a seed.
struct Simulation {
    struct Report {
        var failures: [String]
        var hash: UInt64
        /// The last lines of the trace.
        var trace: [String]
        var lines: Int
    }

    let seed: UInt64
    /// Checks the invariants after every call.
    var checksEveryStep = false
    /// Prints the trace as it goes.
    var prints = false

    func run() -> Report {
        Recorder.counter = 0
        let world = World(seed: seed, checksEveryStep: checksEveryStep, prints: prints)
        world.scheduler.install()
        Task { await play(world) }
        var isOver = false
        let didEnd = world.scheduler.run(atMost: 400_000) {
            !world.failures.isEmpty || isOver || world.isOver || world.scheduler.now > World.end
        }
        isOver = true
        if world.failures.isEmpty, !world.isOver {
            world.fail("\(world.unfinished) did not end\(didEnd ? "" : ", and nothing goes on")")
        }
        return Report(
            failures: world.failures, hash: world.trace.hash, trace: world.trace.last(400), lines: world.trace.count)
    }

    private func play(_ world: World) async {
        Fleet(world: world).start()
        Operators(world: world).start()
        Task {
            await world.pause(until: World.calm)
            world.calmDown()
        }
        let count = 3 + world.chance.below(6)
        await withTaskGroup(of: Void.self) { group in
            for index in 0..<count {
                let scenario = world.chance.pick(Scenario.all)
                let id = "\(scenario.name)\(index)"
                world.unfinished.append(id)
                group.addTask {
                    await world.pause(for: world.chance.duration(0...20_000))
                    do { try await scenario.play(world, id) } catch { world.fail("\(id): \(error)") }
                    world.unfinished.removeAll { $0 == id }
                }
            }
        }
        // What was left behind ends, too.
        await world.pause(until: World.calm)
        while world.store.allRuns.contains(where: { world.store.isOpen($0) }) { await world.pause(for: .seconds(1)) }
        await FinalCheck(world: world).run()
        world.isOver = true
    }
}
