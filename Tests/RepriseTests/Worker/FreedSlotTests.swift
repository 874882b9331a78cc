import Logging
import RepriseTesting
import Synchronization
import Testing

@testable import Reprise

private final class Calling: Workflow {
    static let call = Activity<String, String>("call", timeout: .seconds(60))
    private let input: String
    init(input: String) { self.input = input }
    func run(_ context: WorkflowContext) async throws -> String { try await context.execute(Calling.call, input) }
}

/// A backend with a clock that stands still, in which no wait for work ends without a reason.
private final class WatchedBackend: ForwardingBackend {
    let target = InMemoryBackend(clock: .virtual(startingAt: Timestamp(milliseconds: 0)))
    private let state = Mutex(0)

    /// Whether a worker waits for work.
    var isWaiting: Bool { state.withLock { $0 > 0 } }

    func waitForWork(worker: String, until due: Timestamp?) async throws(BackendError) {
        state.withLock { $0 += 1 }
        defer { state.withLock { $0 -= 1 } }
        try await target.waitForWork(worker: worker, until: due)
    }
}

/// Starts activities side by side.
private final class CallingMany: Workflow {
    static let count = 4
    func run(_ context: WorkflowContext) async throws {
        let calls = (0..<CallingMany.count).map { context.start(Calling.call, "\($0)") }
        for call in calls { _ = try await call.value }
    }
}

@Suite struct FreedSlotTests {
    /// A worker with so many slots for activities.
    private func worker(
        _ backend: WatchedBackend, slots: Int, _ call: @escaping @Sendable (String) async throws -> String
    ) throws -> Worker {
        var options = WorkerOptions()
        options.maxConcurrentActivities = slots
        return try Worker(
            backend: backend, options: options, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        ) {
            Calling.self
            CallingMany.self
            Calling.call.implement { input, _ in try await call(input) }
        }
    }

    @Test(.timeLimit(.minutes(1))) func `All slots are filled though nothing ends`() async throws {
        let backend = WatchedBackend()
        let held = Atomic(0)
        let worker = try worker(backend, slots: CallingMany.count) { input in
            held.add(1, ordering: .relaxed)
            try await Task.sleep(for: .seconds(1000))
            return input
        }
        let running = Task { try await worker.run() }
        let client = WorkflowClient(backend: backend)
        let many = try await client.start(CallingMany.self, id: "many")
        while held.load(ordering: .relaxed) < CallingMany.count { await Task.yield() }
        try await many.terminate(reason: "not needed")
        running.cancel()
        try await running.value
    }

    @Test(.timeLimit(.minutes(1)))
    func `The slot of an activity that is cancelled is for the next one at once`() async throws {
        let backend = WatchedBackend()
        let isHeld = Atomic(false)
        let worker = try worker(backend, slots: 1) { input in
            if input == "held" {
                isHeld.store(true, ordering: .relaxed)
                try await Task.sleep(for: .seconds(1000))
            }
            return input
        }
        let running = Task { try await worker.run() }
        let client = WorkflowClient(backend: backend)
        let held = try await client.start(Calling.self, id: "held", "held")
        while !isHeld.load(ordering: .relaxed) { await Task.yield() }
        let next = try await client.start(Calling.self, id: "next", "next")
        while try await backend.history(of: next.run, after: 0, limit: 10).count < 2 { await Task.yield() }
        while !backend.isWaiting { await Task.yield() }
        try await held.terminate(reason: "not needed")
        #expect(try await next.result(timeout: .seconds(20)) == "next")
        running.cancel()
        try await running.value
    }
}
