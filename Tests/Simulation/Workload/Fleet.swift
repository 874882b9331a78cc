import Logging
import Reprise

/// Keeps workers running, and sees to what befalls them.
struct Fleet: Sendable {
    let world: World

    func start() {
        for slot in 0..<3 { Task { await keepRunning(slot, in: World.queues.main) } }
        Task { await keepRunning(3, in: World.queues.side) }
    }

    private func keepRunning(_ slot: Int, in queue: String) async {
        var incarnation = 0
        while true {
            incarnation += 1
            let machine = Machine("w\(slot).\(incarnation)", world)
            do {
                let worker = try makeWorker(slot, on: machine, in: queue)
                let running = Task {
                    try await worker.run()
                    world.note("\(machine.name) has stopped")
                }
                await wait(for: machine, running)
            } catch {
                return world.fail("no worker: \(error)")
            }
            await world.pause(for: world.chance.duration(0...4000))
        }
    }

    private func makeWorker(_ slot: Int, on machine: Machine, in queue: String) throws -> Worker {
        var options = WorkerOptions(
            name: machine.name, maxConcurrentTurns: 1 + world.chance.below(4),
            maxConcurrentActivities: 1 + world.chance.below(5), maxCachedRuns: world.chance.pick([0, 1, 2, 1000]),
            lease: World.lease)
        options.buildID = world.chance.pick(["", "1", "2"])
        // The last one knows everything; the others leave something out now and then.
        let knowsAll = slot >= 2
        var worker = try Worker(
            backend: Wire(machine, world), queue: queue, options: options,
            logger: Logger(label: "") { _ in SwiftLogNoOpLogHandler() }
        ) {
            if knowsAll || world.happens(0.7) {
                Chain.self
                Fan.self
                Collector.self
                Tally.self
                Leaf.self
            }
            Recorder.self
            if knowsAll || world.happens(0.7) {
                Purchase.self
                Race.self
                Family.self
                Nap.self
                Webhook.self
            }
            JobActivities(world: world, machine: machine)
        }
        worker.runtime = machine.runtime
        world.note("\(machine.name) starts, caching \(options.maxCachedRuns)")
        return worker
    }

    /// Returns when the worker is no more.
    private func wait(for machine: Machine, _ running: Task<Void, any Error>) async {
        while true {
            await world.pause(for: world.chance.exponential(mean: world.weather.fate))
            guard !world.isCalm, !world.weather.fates.isEmpty else { break }
            switch world.chance.pick(world.weather.fates) {
            case .death:
                world.note("\(machine.name) dies")
                return machine.kill()
            case .freeze:
                let duration = world.chance.duration(0...25_000)
                world.note("\(machine.name) stands still for \(duration)")
                machine.freeze(for: duration)
            case .shutdown:
                world.note("\(machine.name) is asked to stop")
                running.cancel()
                _ = await running.result
                return
            }
        }
        _ = await running.result
    }
}
