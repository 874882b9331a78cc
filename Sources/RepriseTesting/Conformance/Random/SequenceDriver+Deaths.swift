import Reprise

extension SequenceDriver {
    /// How long the lease of a worker that will die lasts: long enough to claim something.
    private static let shortLease = Duration.milliseconds(50)

    /// Workers claim a run and die, one after the other; then somebody notices. What they held stays among the claims that
    /// are used later.
    ///
    /// Each such run has a queue of its own: in which order tasks come back that were handed back together, and which of
    /// several suspects a worker gets, isn't specified.
    func die() async throws {
        let queue: String
        if chance(70), let known = pick(perilousQueues) {
            queue = known
        } else {
            queue = "perilous\(next())"
            perilousQueues.append(queue)
            let request = StartRequest(
                requestID: "r\(next())", workflowID: queue, queue: queue,
                record: StartRecord(type: Self.types[pick(3)], version: "", input: bytes()))
            requests.append(request)
            let run = try await record("start \(queue)", as: { $1.name(of: $0) }) { try await backend.start(request) }
            if let run { runs.append(KnownRun(id: run)) }
        }
        for _ in 0...pick(3) { try await loseWorker(in: queue) }
    }

    private func loseWorker(in queue: String) async throws {
        let worker = WorkerRegistration(
            id: "d\(next())", name: "doomed", queue: queue, workflowTypes: Self.types, activityNames: Self.activities,
            buildID: ["", "1", "2"][pick(3)], lease: Self.shortLease)
        let request = ClaimRequest(id: "c\(next())", worker: worker.id, workflowSlots: 1, activitySlots: 1)
        let work = try await record("claim \(queue) by one who dies", as: { _, _ in "work" }) {
            while true {
                do throws(BackendError) {
                    try await backend.register(worker)
                    return try await backend.claim(request)
                } catch {
                    // On a slow machine the registration may have lapsed already.
                    guard error.code == .workerNotRegistered else { throw error }
                }
            }
        }
        if let work { try await keep(work, of: worker.id) }
        // A backend may wait for one more lease before it believes in a death.
        try await advance(Self.shortLease * 3)
        try await claim()
    }
}
