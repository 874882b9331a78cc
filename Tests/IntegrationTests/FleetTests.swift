import Reprise
import ServiceLifecycle
import Testing

private let slow = Activity<Int, Int>("slow")

private final class Slow: Workflow {
    func run(_ context: WorkflowContext) async throws -> Int { try await context.execute(slow, 1) }
}

@Suite struct FleetTests {
    @Test(arguments: BackendKind.allCases)
    func `Two workers finish many runs, each activity once`(_ kind: BackendKind) async throws {
        try await Site.with(kind) { site in
            let executions = Gauge()
            let step = FanOut.step.implement { input in
                executions.enter()
                return input
            }
            try await site.withWorker {
                FanOut.self
                step
            } during: {
                try await site.withWorker(WorkerOptions(maxCachedRuns: 3)) {
                    FanOut.self
                    step
                } during: {
                    try await withThrowingTaskGroup(of: Void.self) { group in
                        for index in 0..<50 {
                            group.addTask {
                                let handle = try await site.client.start(FanOut.self, id: "run-\(index)", 4)
                                #expect(try await handle.result(timeout: .patience) == 6)
                            }
                        }
                        try await group.waitForAll()
                    }
                }
            }
            #expect(executions.total == 200)
        }
    }

    @Test(arguments: BackendKind.allCases)
    func `A worker that drains hands its unfinished activity back at once`(_ kind: BackendKind) async throws {
        try await Site.with(kind) { site in
            let (began, never) = (Gate(), Gate())
            let handle = try await site.client.start(Slow.self, id: "slow")
            // The lease is long: only a hand-back lets the other worker have it soon.
            try await site.withWorker(WorkerOptions(lease: .seconds(60))) {
                Slow.self
                slow.implement { input in
                    began.open()
                    await never.wait()  // deaf to cancellation
                    return input
                }
            } during: {
                await began.wait()
            }
            try await site.withWorker {
                Slow.self
                slow.implement { _, context in context.deliveries * 10 + context.attempt }
            } during: {
                let result = try await handle.result(timeout: .patience)
                #expect(result == 21)
            }
            never.open()
        }
    }

    @Test(arguments: BackendKind.allCases)
    func `Leases are renewed while an activity runs longer than a lease`(_ kind: BackendKind) async throws {
        try await Site.with(kind) { site in
            let executions = Gauge()
            let body = slow.implement { input in
                executions.enter()
                try await Task.sleep(for: .milliseconds(3200))
                return input
            }
            try await site.withWorker(WorkerOptions(lease: .seconds(2))) {
                Slow.self
                body
            } during: {
                // Would take over what expires.
                try await site.withWorker(WorkerOptions(lease: .seconds(2))) {
                    Slow.self
                    body
                } during: {
                    let handle = try await site.client.start(Slow.self, id: "long")
                    #expect(try await handle.result(timeout: .patience) == 1)
                }
            }
            #expect(executions.total == 1)
        }
    }

    @Test(arguments: BackendKind.allCases)
    func `A worker works in a service group and stops gracefully with it`(_ kind: BackendKind) async throws {
        try await Site.with(kind) { site in
            let worker = try Worker(backend: site.backend, logger: Site.quiet) {
                FanOut.self
                FanOut.step.implement { $0 }
            }
            let group = ServiceGroup(services: [worker], logger: Site.quiet)
            let running = Task { try await group.run() }
            let handle = try await site.client.start(FanOut.self, id: "one", 3)
            #expect(try await handle.result(timeout: .patience) == 3)
            await group.triggerGracefulShutdown()
            try await running.value
        }
    }
}
