import Reprise

/// The programs that start, signal and end runs. They repeat a call until it is answered.
///
/// `@unchecked Sendable`: the simulation has one thread, see ``Scheduler``.
final class Clients: @unchecked Sendable {
    private unowned let world: World
    let wire: Wire
    private var requests = 0

    init(_ world: World) {
        self.world = world
        wire = Wire(Machine("client", world), world)
    }

    func next() -> Int {
        requests += 1
        return requests
    }

    /// Repeats a call as long as the store can't be reached.
    func persist<Answer: Sendable>(
        _ call: () async throws(BackendError) -> Answer
    ) async throws(BackendError) -> Answer {
        while true {
            do throws(BackendError) { return try await call() } catch {
                guard error.code == .unavailable else { throw error }
            }
            await world.pause(for: world.chance.duration(50...2000))
        }
    }

    func start<Target: Workflow>(
        _ type: Target.Type, _ id: String, _ input: [UInt8], after delay: Duration? = nil
    ) async throws -> RunID {
        let request = StartRequest(
            requestID: "r\(next())", workflowID: id, queue: World.queues.main,
            record: StartRecord(type: Target.name, version: "", input: input),
            startAt: delay.map { world.store.now.advanced(by: $0) })
        return try await persist { () async throws(BackendError) in try await wire.start(request) }
    }

    func signal(_ run: RunID, _ name: String, _ payload: [UInt8]) async throws {
        let signal = SignalRecord(id: "s\(next())", name: name, payload: payload)
        var tries = 0
        do throws(BackendError) {
            _ = try await persist { () async throws(BackendError) in
                tries += 1
                return try await wire.signal(signal, workflowID: run.workflowID, runNumber: run.number)
            }
        } catch {
            // If only the reply was lost, the run may have received it and ended.
            guard error.code == .runClosed, tries > 1 else { throw error }
        }
    }

    /// How a run ended, or the last of those that it continued as.
    func outcome(of run: RunID) async throws -> RunOutcome {
        var run = run
        while true {
            let description = try await persist { () async throws(BackendError) in
                try await wire.wait(for: run, until: .closed)
            }
            guard let successor = description.successor else {
                guard let outcome = description.outcome else { throw Impossible("run \(run) ended without an outcome") }
                return outcome
            }
            run = successor
        }
    }

    /// Finishes an activity from outside, after a while.
    func finish(_ token: ActivityToken, with output: Int) {
        let client = WorkflowClient(backend: wire)
        Task { [world] in
            await world.pause(for: world.chance.exponential(mean: .seconds(3)))
            while true {
                do {
                    return try await client.complete(Jobs.later, token, with: output)
                } catch let error as BackendError where error.code == .unavailable {
                    await world.pause(for: world.chance.duration(50...2000))
                } catch is ActivityTokenExpired {
                    return
                } catch {
                    return world.fail("an activity can't be finished: \(error)")
                }
            }
        }
    }

    /// Asks a run to end, or ends it, at some moment.
    func disturb(_ run: RunID, cancelling: Double, terminating: Double) -> Disturbance {
        let disturbance: Disturbance =
            world.happens(cancelling) ? .cancel : world.happens(terminating) ? .terminate : .none
        guard disturbance != .none else { return .none }
        Task { [world] in
            await world.pause(for: world.chance.duration(0...15_000))
            do {
                _ = try await persist { () async throws(BackendError) in
                    if disturbance == .cancel {
                        try await wire.requestCancel(workflowID: run.workflowID, runNumber: run.number, reason: "asked")
                    } else {
                        try await wire.terminate(workflowID: run.workflowID, runNumber: run.number, reason: "ended")
                    }
                }
            } catch let error as BackendError where error.code == .runClosed {
                return
            } catch {
                world.fail("run \(run) can't be disturbed: \(error)")
            }
        }
        return disturbance
    }

    enum Disturbance { case none, cancel, terminate }
}

struct Impossible: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}
