import Foundation
import Reprise
import Testing

private let work = Activity<Int, Int>("work")

private final class Hoarder: Workflow {
    func run(_ context: WorkflowContext) async throws -> Int {
        for number in 0..<20 { try await context.execute(work, number) }
        return context.history.count
    }
}

@Suite struct HistoryLimitTests {
    @Test(arguments: BackendKind.allCases)
    func `A run whose history is too long is blocked with the reason, and goes on under a higher limit`(
        _ kind: BackendKind
    ) async throws {
        try await Site.with(kind) { site in
            var options = WorkerOptions(buildID: "1")
            options.historyLimit = HistorySize(count: 10, bytes: 1 << 20)
            let handle = try await site.withWorker(options) {
                Hoarder.self
                work.implement { $0 }
            } during: {
                let handle = try await site.client.start(Hoarder.self, id: "x")
                let blocked = try await handle.wait(until: { $0.state == .blocked }, timeout: .patience)
                #expect(blocked.reason?.contains("the limit is 10 entries") == true)
                #expect(blocked.reason?.contains("shouldContinueAsNew") == true)
                return handle
            }
            try await site.withWorker(WorkerOptions(buildID: "2")) {
                Hoarder.self
                work.implement { $0 }
            } during: {
                let size = try await handle.result(timeout: .patience)
                #expect(size > 40)
            }
        }
    }
}
