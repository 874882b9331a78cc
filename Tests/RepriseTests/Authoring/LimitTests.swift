import Logging
import Reprise
import Testing

@Suite struct LimitTests {
    private final class Long: Workflow {
        static let name = String(repeating: "w", count: 256)
        func run(_ context: WorkflowContext) async throws {}
    }

    private final class Plain: Workflow {
        static let long = Signal<Plain, Int>(String(repeating: "s", count: 256))
        func run(_ context: WorkflowContext) async throws { _ = try await context.receive(Self.long) }
    }

    private let long = String(repeating: "x", count: 256)
    private let client = WorkflowClient(backend: InMemoryBackend())

    private func expect(_ field: String, _ call: () async throws -> Void) async {
        let error = await #expect(throws: InvalidArgument.self) { try await call() }
        #expect(error?.field == field)
        #expect(error?.description.contains("255") == true)
        #expect((error?.description.utf8.count ?? 0) < 300)
    }

    @Test func `A name that is too long is refused with its field, where it is handed in`() async throws {
        await expect("id") { try await client.start(Plain.self, id: long) }
        await expect("Long.name") { try await client.start(Long.self, id: "a") }
        await expect("queue") { try await client.start(Plain.self, id: "a", options: .init(queue: long)) }
        await expect("version") { try await client.start(Plain.self, id: "a", options: .init(version: long)) }
        let handle = try await client.start(Plain.self, id: "a")
        await expect("signal") { try await handle.signal(Plain.long, 1) }
        for (field, options) in [("name", WorkerOptions(name: long)), ("buildID", WorkerOptions(buildID: long))] {
            await expect(field) { _ = try worker(options) }
        }
    }

    @Test(arguments: [
        ("name", WorkerOptions(name: "")), ("maxConcurrentTurns", WorkerOptions(maxConcurrentTurns: -1)),
        ("maxConcurrentActivities", WorkerOptions(maxConcurrentActivities: -1)),
        ("maxCachedRuns", WorkerOptions(maxCachedRuns: -1)), ("lease", WorkerOptions(lease: .zero)),
        ("payloadLimit", WorkerOptions(payloadLimit: 0)),
        ("historyLimit", WorkerOptions(historyLimit: HistorySize(count: 0, bytes: 1))),
        ("historyLimit", WorkerOptions(historyLimit: HistorySize(count: 1, bytes: -1))),
        (
            "turnRetry.nonRetryable",
            WorkerOptions(turnRetry: .exponential(nonRetryable: .init(repeating: "E", count: 65)))
        ),
    ])
    func `A worker's options that can't be meant are refused by name`(_ field: String, _ options: WorkerOptions) {
        let error = #expect(throws: InvalidArgument.self) { try worker(options) }
        #expect(error?.field == field)
    }

    @Test func `The least options are taken`() throws {
        _ = try worker(
            WorkerOptions(
                maxConcurrentTurns: 0, maxConcurrentActivities: 0, maxCachedRuns: 0, lease: .milliseconds(10),
                payloadLimit: 1, historyLimit: HistorySize(count: 1, bytes: 1)))
    }

    private func worker(_ options: WorkerOptions) throws -> Worker {
        try Worker(
            backend: InMemoryBackend(), options: options, logger: Logger(label: "") { _ in SwiftLogNoOpLogHandler() }
        ) { Plain.self }
    }

    private struct Cancelled: Error, CustomStringConvertible { var description: String }

    private final class Throwing: Workflow {
        func run(_ context: WorkflowContext) async throws {
            throw Cancelled(description: String(repeating: "é", count: 3000))
        }
    }

    @Test func `An error's message is cut, and its type isn't taken for a word of the engine`() async throws {
        let backend = InMemoryBackend()
        let worker = try Worker(backend: backend, logger: Logger(label: "") { _ in SwiftLogNoOpLogHandler() }) {
            Throwing.self
        }
        let working = Task { try await worker.run() }
        let run = try await WorkflowClient(backend: backend).start(Throwing.self, id: "a")
        let failure = await #expect(throws: WorkflowFailure.self) { try await run.result(timeout: .seconds(20)) }
        #expect(failure?.type == "RepriseTests.Cancelled")
        #expect(failure?.message.utf8.count ?? .max <= 4096)
        #expect(failure?.message.hasSuffix("é…") == true)
        working.cancel()
        try await working.value
    }
}
