import RedisClient
import Reprise
import RepriseRedis
import Testing

/// How a worker hears of attempts that it need not go on with.
struct CancellationTests {
    /// Starts a run of some activities and takes them.
    private func takeActivities(
        _ count: Int, of id: String, _ player: Player
    ) async throws -> (run: RunID, tasks: [ActivityTask]) {
        let run = try await player.backend.start(.sum(id))
        let task = try #require(try await player.claim(1, 0).workflowTasks.first)
        let commit = Player.scheduling(task, operations: 0..<count)
        let work = try await player.backend.commit(commit, claiming: player.request(0, count)).work
        return (run, try #require(work?.activityTasks))
    }

    /// Commits a turn that cancels an operation.
    private func cancel(_ operation: Int, of run: RunID, from position: Int, _ player: Player) async throws {
        let signal = SignalRecord(id: "\(position)", name: "n", payload: [])
        _ = try await player.backend.signal(signal, workflowID: run.workflowID, runNumber: nil)
        let task = try #require(try await player.claim(1, 0).workflowTasks.first)
        let command = Command(kind: .cancelOperation, argument: Int64(operation))
        let turn = Turn(firstCommand: position, commands: [command]).encoded()
        let commit = Commit(
            claim: task.claim, through: task.lastArrival, turn: turn.bytes, effects: [.cancel(operation: operation)])
        #expect(try await player.backend.commit(commit, claiming: nil).answer == .committed)
    }

    @Test func `another process hears of it in milliseconds`() async throws {
        try await Site.with { site in
            let player = try await Player(site.backend)
            let other = try site.anotherBackend()
            let client = try await Player(other, id: "client", activities: [])
            let (run, tasks) = try await takeActivities(40, of: "a", player)
            var told = try await site.backend.cancellations(of: player.registration.id).makeAsyncIterator()
            var delays: [Duration] = []
            for task in tasks {
                let operation = task.claim.operation
                try await cancel(operation, of: run, from: 40 + operation, client)
                let start = ContinuousClock.now
                let cancellation = await told.next()
                delays.append(ContinuousClock.now - start)
                #expect(cancellation == ActivityCancellation(nonce: task.claim.nonce, reason: .requested))
            }
            delays.sort()
            print("cancellations, p50 and the worst:", delays[20], delays[39])
            #expect(delays[20] < .milliseconds(50))
            await other.shutdown()
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `listening ends with its consumer, and when the backend is shut down`() async throws {
        try await Site.with { site in
            let channel = "{test:0}:cancels:worker1"
            let listeners = { try await site.redis.send(["PUBSUB", "NUMSUB", channel]).asArray[1].asInt }
            var stream: AsyncStream<ActivityCancellation>? = try await site.backend.cancellations(of: "worker1")
            #expect(try await listeners() == 1)
            let reader = Task { [stream] in
                for await _ in stream! {}
            }
            stream = nil
            reader.cancel()
            await reader.value
            try await site.until("nobody listens") { try await listeners() == 0 }

            let other = try site.anotherBackend()
            let ending = try await other.cancellations(of: "worker1")
            await other.shutdown()
            for await cancellation in ending { Issue.record("\(cancellation)") }
            await #expect(throws: BackendError.self) { _ = try await other.cancellations(of: "worker1") }
        }
    }

    @Test func `without memory cancellations are told, and heartbeats recorded`() async throws {
        try await Site.with(["--maxmemory-policy", "noeviction"]) { site in
            let player = try await Player(site.backend)
            let (run, tasks) = try await takeActivities(2, of: "a", player)
            var told = try await site.backend.cancellations(of: player.registration.id).makeAsyncIterator()
            let signal = SignalRecord(id: "s", name: "n", payload: [])
            _ = try await site.backend.signal(signal, workflowID: "a", runNumber: nil)
            let task = try #require(try await player.claim(1, 0).workflowTasks.first)
            #expect(try await site.backend.heartbeat(tasks[0].claim, details: [1]) == .recorded)
            try await site.redis.send(["CONFIG", "SET", "maxmemory", "1"])
            #expect(try await site.backend.heartbeat(tasks[0].claim, details: [2]) == .recorded)
            let later = ActivityCompletion(claim: tasks[1].claim, result: .later)
            #expect(try await site.backend.complete(later, claiming: nil).answer == .pending)
            #expect(try await site.backend.heartbeat(tasks[1].claim, details: [3]) == .recorded)
            let commit = Player.completing(task, position: 2)
            #expect(try await site.backend.commit(commit, claiming: nil).answer == .committed)
            let expected = ActivityCancellation(nonce: tasks[0].claim.nonce, reason: .runClosed)
            #expect(await told.next() == expected)
            #expect(try await site.backend.describe(workflowID: "a", runNumber: run.number).state == .completed)
        }
    }

    @Test func `tasks that timed out leave a queue without workers`() async throws {
        try await Site.with { site in
            let player = try await Player(site.backend)
            _ = try await site.backend.start(.sum("a"))
            let task = try #require(try await player.claim(1, 0).workflowTasks.first)
            var commit = Player.scheduling(task, operations: 0..<30)
            commit.effects = commit.effects.map { effect in
                guard case .scheduleActivity(var activity) = effect else { return effect }
                activity.queue = "nobody"
                activity.timeouts.scheduleToStart = .milliseconds(20)
                return .scheduleActivity(activity)
            }
            #expect(try await site.backend.commit(commit, claiming: nil).answer == .committed)
            #expect(try await site.redis.send(["LLEN", "{test:0}:queue:a:nobody"]).asInt == 30)
            try await site.until("all have timed out") {
                _ = try await player.claim(0, 0)
                return try await site.backend.describe(workflowID: "a", runNumber: nil).lastArrival == 32
            }
            #expect(try await site.redis.send(["LLEN", "{test:0}:queue:a:nobody"]).asInt == 0)
        }
    }
}
