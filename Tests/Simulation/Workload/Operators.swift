import Reprise

/// What befalls the store, and the people who look after it.
struct Operators: Sendable {
    let world: World

    func start() {
        Task { await unblock() }
        if world.happens(0.3) { Task { await pauseAndResume() } }
        if world.happens(0.2) {
            Task { await disturb { world.goAway(for: world.chance.duration(0...12_000)) } }
        }
        if world.happens(0.2) {
            Task {
                await disturb {
                    world.stepClock(by: world.chance.pick([.seconds(-15), .seconds(-2), .seconds(2), .seconds(30)]))
                }
            }
        }
    }

    private func disturb(_ body: () -> Void) async {
        while true {
            await world.pause(for: world.chance.exponential(mean: .seconds(15)))
            guard !world.isCalm else { return }
            body()
        }
    }

    /// Pauses runs, and never forgets one.
    private func pauseAndResume() async {
        let clients = world.clients
        while true {
            await world.pause(for: world.chance.exponential(mean: .seconds(3)))
            guard !world.isCalm else { return }
            let runs = world.store.allRuns
            guard !runs.isEmpty else { continue }
            var run = world.chance.pick(runs)
            do {
                try await clients.persist { () async throws(BackendError) in try await clients.wire.pause(run) }
                await world.pause(for: world.chance.exponential(mean: .seconds(4)))
            } catch { if error.code != .runClosed { world.fail("pausing \(run): \(error)") } }
            // A pause is handed on to the run in which it goes on; that has to be resumed.
            while true {
                do {
                    try await clients.persist { () async throws(BackendError) in try await clients.wire.resume(run) }
                    break
                } catch {
                    guard error.code == .runClosed else { return world.fail("resuming \(run): \(error)") }
                    let closed = run
                    let description = try? await world.store.describe(
                        workflowID: closed.workflowID, runNumber: closed.number)
                    guard let successor = description?.successor else { break }
                    run = successor
                }
            }
        }
    }

    /// Runs may be blocked only because three of their workers in a row died; then a person has a look.
    private func unblock() async {
        let clients = world.clients
        while true {
            await world.pause(for: .seconds(5))
            for run in world.store.allRuns {
                guard
                    let description = try? await world.store.describe(
                        workflowID: run.workflowID, runNumber: run.number),
                    description.state == .blocked
                else { continue }
                let reason = description.reason ?? ""
                if !reason.contains("workers in a row died") { world.fail("run \(run) is blocked: \(reason)") }
                _ = try? await clients.persist { () async throws(BackendError) in try await clients.wire.unblock(run) }
            }
        }
    }
}
