import Reprise
import RepriseRedis
import Synchronization

/// Makes the calls: whenever one is answered, those that follow from it.
final class FloorDriver: Sendable {
    private struct State {
        var started = 0
        var closed = 0
        /// The claims of first turns whose activities are open.
        var firstTurns: [RunID: WorkflowClaim] = [:]
        var turns: Slots
        var activities: Slots
        var claims = 0
        var claimsUnderWay = 0
        /// A claim was due while another was under way, which may have come too early for what this one was to take.
        var mustClaimAgain = false
        var end: CheckedContinuation<Void, any Error>?

        struct Slots {
            var free: Int

            mutating func reserve() -> Int {
                defer { free = 0 }
                return free
            }
        }
    }

    private let client: RedisBackend
    private let backend: RedisBackend
    private let worker: String
    private let calls: FloorCalls
    private let round: String
    private let count: Int
    private let state: Mutex<State>

    init(
        client: RedisBackend, _ backend: RedisBackend, worker: String, calls: FloorCalls, _ round: String, _ count: Int
    ) {
        self.client = client
        self.backend = backend
        self.worker = worker
        self.calls = calls
        self.round = round
        self.count = count
        let options = WorkerOptions()
        state = Mutex(
            State(
                turns: .init(free: options.maxConcurrentTurns), activities: .init(free: options.maxConcurrentActivities)
            ))
    }

    /// Runs all workflows, each started when another has ended but for the first ones.
    func run(inFlight: Int) async throws {
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                state.withLock { $0.end = continuation }
                for _ in 0..<min(inFlight, count) { startNext() }
                if Task.isCancelled { end(.failure(CancellationError())) }
            }
        } onCancel: {
            end(.failure(CancellationError()))
        }
    }

    private func end(_ result: Result<Void, any Error>) {
        let end = state.withLock { state in
            defer { state.end = nil }
            return state.end
        }
        end?.resume(with: result)
    }

    /// Goes on in a task of its own, as a worker does with each task.
    private func go(_ body: @escaping @Sendable () async throws -> Void) {
        Task { do { try await body() } catch { end(.failure(error)) } }
    }

    // MARK: Calls

    private func startNext() {
        let index = state.withLock { state in
            state.started += 1
            return state.started
        }
        guard index <= count else { return }
        go {
            _ = try await self.client.start(self.calls.start("\(self.round)-\(index)"))
            self.claim()
        }
    }

    private func claim() {
        guard let request = request() else { return }
        go { self.take(try await self.backend.claim(request), for: request) }
    }

    private func commit(_ task: WorkflowTask) async throws {
        let request = request { state in
            state.turns.free += 1
            state.firstTurns[task.claim.run] = task.claim
        }
        let (_, work) = try await backend.commit(calls.commit(task), claiming: request)
        if let request, let work { take(work, for: request) }
    }

    private func complete(_ task: ActivityTask, at time: Timestamp) async throws {
        let first = state.withLock { $0.firstTurns.removeValue(forKey: task.claim.run) }
        let request = request { $0.activities.free += 1 }
        guard let first else { throw BackendError(.corrupt, "an activity comes twice", run: task.claim.run) }
        let turn = calls.completion(task, after: first, at: time)
        let (isRecorded, work) = try await backend.commit(turn, claiming: request)
        guard isRecorded else { throw BackendError(.corrupt, "a turn is not recorded", run: task.claim.run) }
        if let request, let work { take(work, for: request) }
        let isLast = state.withLock { state in
            state.closed += 1
            return state.closed == count
        }
        if isLast { end(.success(())) } else { startNext() }
    }

    // MARK: Claiming

    /// Asks for all the room there is, if there is some.
    private func request(_ makeRoom: (inout State) -> Void = { _ in }) -> ClaimRequest? {
        state.withLock { state in
            makeRoom(&state)
            state.mustClaimAgain = state.claimsUnderWay > 0
            let (workflows, activities) = (state.turns.reserve(), state.activities.reserve())
            guard workflows > 0 || activities > 0 else { return nil }
            state.claims += 1
            state.claimsUnderWay += 1
            return ClaimRequest(
                id: "\(worker):\(state.claims)", worker: worker, workflowSlots: workflows, activitySlots: activities)
        }
    }

    private func take(_ work: ClaimedWork, for request: ClaimRequest) {
        let mustClaim = state.withLock { state in
            state.turns.free += request.workflowSlots - work.workflowTasks.count
            state.activities.free += request.activitySlots - work.activityTasks.count
            state.claimsUnderWay -= 1
            return state.mustClaimAgain && state.claimsUnderWay == 0
        }
        for task in work.workflowTasks { go { try await self.commit(task) } }
        for task in work.activityTasks { go { try await self.complete(task, at: work.now) } }
        if mustClaim { claim() }
    }
}
