import Foundation
import Reprise
import Testing

private enum Work {
    static let copy = Activity<Int, Int>(
        "copy", retry: .fixed(.milliseconds(1), attempts: 3), heartbeat: .milliseconds(300))
    static let long = Activity<Int, Int>("long")
}

private struct Broken: Error {}

private final class Copying: Workflow {
    func run(_ context: WorkflowContext) async throws -> Int { try await context.execute(Work.copy, 1) }
}

private final class Long: Workflow {
    func run(_ context: WorkflowContext) async throws -> Int { try await context.execute(Work.long, 1) }
}

@Suite struct HeartbeatTests {
    @Test(arguments: BackendKind.allCases)
    func `After a heartbeat timeout the next attempt reads the details of the one before`(_ kind: BackendKind)
        async throws
    {
        try await Site.with(kind) { site in
            try await site.withWorker {
                Copying.self
                Work.copy.implement { _, context in
                    if let done = try context.heartbeatDetails(as: Int.self) { return done }
                    try context.heartbeat(7)
                    try await untilCancelled()  // and no heartbeat more
                    throw CancellationError()
                }
            } during: {
                let handle = try await site.client.start(Copying.self, id: "copy")
                #expect(try await handle.result(timeout: .patience) == 7)
            }
        }
    }

    @Test(arguments: BackendKind.allCases)
    func `The last details before an error are there in the next attempt`(_ kind: BackendKind) async throws {
        try await Site.with(kind) { site in
            try await site.withWorker {
                Copying.self
                Work.copy.implement { _, context in
                    let done = try context.heartbeatDetails(as: Int.self) ?? 0
                    for index in done..<done + 5 { try context.heartbeat(index + 1) }
                    if context.attempt < 3 { throw Broken() }
                    return try context.heartbeatDetails(as: Int.self) ?? 0
                }
            } during: {
                let handle = try await site.client.start(Copying.self, id: "copy")
                #expect(try await handle.result(timeout: .patience) == 15)
            }
        }
    }

    @Test(arguments: BackendKind.allCases)
    func `A worker that is shut down hands the last details on`(_ kind: BackendKind) async throws {
        try await Site.with(kind) { site in
            let began = Gate()
            let handle = try await site.client.start(Long.self, id: "long")
            let reasons = Recorder<CancellationReason?>()
            try await site.withWorker {
                Long.self
                Work.long.implement { _, context in
                    for index in 1...9 { try context.heartbeat(index) }
                    began.open()
                    try await untilCancelled()
                    reasons.add(context.cancellationReason)
                    throw CancellationError()
                }
            } during: {
                await began.wait()
            }
            try await site.withWorker {
                Long.self
                Work.long.implement { _, context in try context.heartbeatDetails(as: Int.self) ?? 0 }
            } during: {
                let result = try await handle.result(timeout: .patience)
                #expect(result == 9)
            }
            #expect(reasons.all == [.workerStopping])
        }
    }
}
