import Reprise
import Testing

private final class Listening: Workflow {
    static let word = Signal<Listening, Void>("word")
    func run(_ context: WorkflowContext) async throws {
        for _ in 0..<5 { try await context.receive(Self.word) }
    }
}

/// It tells a worker that is woken from one that looks by itself by the time that it takes, so nothing else should want the threads.
@Suite struct IdleWorkerTests {
    @Test(arguments: BackendKind.allCases)
    func `A worker never sleeps beside work, whatever comes while it claims and commits`(_ kind: BackendKind)
        async throws
    {
        // A worker that isn't woken looks by itself after five seconds.
        let soon = Duration.seconds(4)
        // Several workers at once, each with runs of its own.
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<3 {
                group.addTask {
                    try await Site.with(kind) { site in
                        try await site.withWorker(WorkerOptions(maxConcurrentActivities: 3)) {
                            FanOut.self
                            Listening.self
                            FanOut.step.implement { $0 }
                        } during: {
                            for index in 0..<25 {
                                let fanOut = try await site.client.start(FanOut.self, id: "fan-out-\(index)", 12)
                                #expect(try await fanOut.result(timeout: soon) == 66)
                                let listening = try await site.client.start(Listening.self, id: "listening-\(index)")
                                for _ in 0..<5 {
                                    try await listening.signal(Listening.word)
                                    _ = try await listening.describe()
                                }
                                try await listening.result(timeout: soon)
                            }
                        }
                    }
                }
            }
            try await group.waitForAll()
        }
    }
}
