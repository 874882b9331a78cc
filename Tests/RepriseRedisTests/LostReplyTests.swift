import CSanitizers
import RedisClient
import Reprise
import RepriseRedis
import Testing

/// Connections that break while calls are on their way.
struct LostReplyTests {
    @Test func `no work is lost or done twice when connections break all the time`() async throws {
        try await Site.with { site in
            let backend = site.backend
            // It doesn't renew: its registration must last for the whole test, beside others on a busy machine.
            let player = try await Player(backend, lease: .seconds(1200))
            let count = 30
            for index in 0..<count { _ = try await backend.start(.sum("run-\(index)")) }
            let killer = Task {
                while !Task.isCancelled {
                    _ = try? await site.redis.send(["CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"])
                    // Long enough for a call to get through.
                    try? await Task.sleep(for: .milliseconds(isSanitized() ? 60 : 15))
                }
            }
            var failures = 0
            var closed = 0
            var workflows: [WorkflowTask] = []
            var activities: [ActivityTask] = []
            func take(_ work: ClaimedWork?) {
                workflows += work?.workflowTasks ?? []
                activities += work?.activityTasks ?? []
            }
            /// Gives back what was claimed in a reply that was lost.
            func recover() async throws {
                failures += 1
                let known = workflows.map(\.claim.nonce) + activities.map(\.claim.nonce)
                try await repeating { try await backend.recover(worker: player.registration.id, keeping: known) }
            }
            /// Sends a call until it is answered.
            func repeating<Answer>(_ call: () async throws -> Answer) async throws -> Answer {
                while true {
                    do {
                        return try await call()
                    } catch let error as BackendError where error.code == .unavailable {
                        failures += 1
                    }
                }
            }
            while closed < count {
                if let task = workflows.popLast() {
                    let isLast = task.history.contains { $0.kind == .activityCompleted }
                    let commit =
                        isLast ? Player.completing(task) : Player.scheduling(task, operations: 0..<1)
                    var answer: CommitAnswer
                    do {
                        let both = try await backend.commit(commit, claiming: player.request(2, 2))
                        answer = both.answer
                        take(both.work)
                    } catch let error as BackendError where error.code == .unavailable {
                        workflows.append(task)
                        try await recover()
                        workflows.removeLast()
                        answer = try await repeating { try await backend.commit(commit, claiming: nil).answer }
                    }
                    #expect(answer == .committed)
                    if isLast { closed += 1 }
                } else if let task = activities.popLast() {
                    let completion = ActivityCompletion(claim: task.claim, result: .completed([1]))
                    #expect(
                        try await repeating { try await backend.complete(completion, claiming: nil).answer }
                            == .resolved)
                } else {
                    do {
                        take(try await player.claim(2, 2))
                    } catch let error as BackendError where error.code == .unavailable {
                        try await recover()
                    }
                }
            }
            killer.cancel()
            await killer.value
            try await recover()
            print("calls that failed because of broken connections:", failures)
            for index in 0..<count {
                let run = try await backend.describe(workflowID: "run-\(index)", runNumber: nil)
                #expect(run.state == .completed)
                let history = try await backend.history(of: run.run, after: 0, limit: 10)
                #expect(history.map(\.kind) == [.started, .turn, .activityCompleted, .turn])
            }
        }
    }
}
