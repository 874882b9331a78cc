import Reprise
import Testing

private final class Echo: Workflow {
    private let input: String
    init(input: String) { self.input = input }
    func run(_ context: WorkflowContext) async throws -> String { input }
}

private final class Answer: Workflow {
    func run(_ context: WorkflowContext) async throws -> Int { 42 }
}

@Suite struct BlockedRunsTests {
    /// Blocks what is queued, as a worker does that can't advance it.
    private func block(at site: Site, queue: String = "default") async throws {
        let worker = WorkerRegistration(
            id: "broken", name: "web-1-4242", queue: queue, workflowTypes: [Echo.name, Answer.name], activityNames: [],
            buildID: "7", lease: .seconds(60))
        try await site.backend.register(worker)
        var claims = 0
        while true {
            claims += 1
            let request = ClaimRequest(
                id: "broken-\(queue)-\(claims)", worker: worker.id, workflowSlots: 1000, activitySlots: 0)
            let tasks = try await site.backend.claim(request).workflowTasks
            if tasks.isEmpty { break }
            for task in tasks {
                let release = WorkflowRelease(claim: task.claim, disposition: .block(reason: "it can't be read"))
                _ = try await site.backend.release(release)
            }
        }
        try await site.backend.unregister(worker: worker.id)
    }

    private func ids(_ runs: BlockedRuns) async throws -> Set<String> {
        var ids: Set<String> = []
        for try await run in runs { ids.insert(run.run.workflowID) }
        return ids
    }

    @Test(arguments: BackendKind.allCases)
    func `blocked runs are listed with their reason, by type and by queue`(kind: BackendKind) async throws {
        try await Site.with(kind) { site in
            let client = site.client
            try await client.start(Echo.self, id: "echo", "a")
            try await client.start(Echo.self, id: "elsewhere", "a", options: .init(queue: "other"))
            try await client.start(Answer.self, id: "answer")
            try await block(at: site)
            try await block(at: site, queue: "other")
            try await client.start(Answer.self, id: "not blocked")
            #expect(try await ids(client.blockedRuns()) == ["echo", "elsewhere", "answer"])
            #expect(try await ids(client.blockedRuns(type: Echo.name)) == ["echo", "elsewhere"])
            #expect(try await ids(client.blockedRuns(queue: "other")) == ["elsewhere"])
            #expect(try await ids(client.blockedRuns(type: Answer.name, queue: "other")) == [])
            for try await run in client.blockedRuns() {
                #expect(run.reason == "it can't be read")
                #expect(run.blockage?.worker == "web-1-4242")
                #expect(run.blockage?.build == "7")
            }
        }
    }

    @Test(arguments: BackendKind.allCases)
    func `all blocked runs of a type go on and finish, also more than a page holds`(kind: BackendKind) async throws {
        try await Site.with(kind) { site in
            let client = site.client
            for index in 0..<300 { try await client.start(Echo.self, id: "echo-\(index)", "\(index)") }
            let other = try await client.start(Answer.self, id: "answer")
            try await block(at: site)
            #expect(try await client.unblockAll(type: Echo.name) == 300)
            #expect(try await ids(client.blockedRuns()) == ["answer"])
            try await site.withWorker {
                Echo.self; Answer.self
            } during: {
                for index in 0..<300 {
                    let echo = try await client.handle(Echo.self, id: "echo-\(index)")
                    #expect(try await echo.result(timeout: .seconds(30)) == "\(index)")
                }
                #expect(try await other.describe().state == .blocked)
                #expect(try await client.unblockAll() == 1)
                #expect(try await other.result(timeout: .seconds(30)) == 42)
            }
        }
    }

    @Test(arguments: BackendKind.allCases)
    func `a run is controlled by its id alone`(kind: BackendKind) async throws {
        try await Site.with(kind) { site in
            let client = site.client
            for id in ["retried", "terminated", "cancelled"] { try await client.start(Answer.self, id: id) }
            try await block(at: site)
            let retried = try await client.handle(id: "retried")
            #expect(try await retried.describe().state == .blocked)
            try await retried.pause()
            #expect(try await retried.describe().isPaused)
            try await retried.unblock()
            #expect(try await retried.describe().state == .paused)
            try await retried.resume()
            #expect(try await retried.describe().state == .queued)
            try await client.handle(id: "terminated").terminate(reason: "it is beyond help")
            let terminated = try await client.describe(id: "terminated")
            #expect(terminated.outcome == .terminated(reason: "it is beyond help"))
            try await client.handle(id: "cancelled").cancel(reason: "nobody wants it")
            let kinds = try await site.backend.history(of: client.handle(id: "cancelled").run, after: 0, limit: 10)
            #expect(kinds.map(\.kind) == [.started, .cancelRequested])
            await #expect(throws: BackendError.self) { try await client.handle(id: "nobody") }
        }
    }
}
