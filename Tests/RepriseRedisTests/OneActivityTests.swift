import Reprise
import RepriseRedis
import Testing

/// A workflow of one activity, driven as a worker would.
struct OneActivityTests {
    @Test func `a workflow of one activity runs from start to result`() async throws {
        try await Site.with { site in
            let backend = site.backend
            let player = try await Player(backend)
            #expect(try await player.claim().isEmpty)
            let run = try await backend.start(.sum("one"))
            try await backend.waitForWork(worker: player.registration.id, until: nil)
            let first = try await player.claim()
            let task = try #require(first.workflowTasks.first)
            #expect(task.claim.run == run)
            #expect(task.history.map(\.kind) == [.started])
            let (answer, work) = try await backend.commit(
                Player.scheduling(task, operations: 0..<1), claiming: player.request())
            #expect(answer == .committed)
            let activity = try #require(work?.activityTasks.first)
            #expect(activity.input == Array("[1,2]".utf8))
            #expect(activity.name == "add" && activity.workflowType == "Sum" && activity.queue == "main")
            let (resolved, next) = try await backend.complete(
                ActivityCompletion(claim: activity.claim, result: .completed(Array("3".utf8))),
                claiming: player.request())
            #expect(resolved == .resolved)
            let last = try #require(next?.workflowTasks.first)
            #expect(last.history.map(\.kind) == [.activityCompleted])
            async let result = backend.wait(for: run, until: .closed)
            let (closed, _) = try await backend.commit(Player.completing(last), claiming: player.request())
            #expect(closed == .committed)
            let description = try await result
            #expect(description.state == .completed)
            #expect(description.outcome == .completed(Array("3".utf8)))
            let entries = try await backend.history(of: run, after: 0, limit: 100)
            #expect(entries.map(\.kind) == [.started, .turn, .activityCompleted, .turn])
        }
    }
}
