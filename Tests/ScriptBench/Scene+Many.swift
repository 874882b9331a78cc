import RedisClient
import Reprise
import RepriseRedis

/// As many runs as there may be.
extension Scene {
    func openRuns(_ count: Int) async throws {
        try await seed(count)
        try await measure("\(count) open runs: start to end of 500 more, with an activity and a timer each") { round in
            {
                for index in 0..<500 {
                    let id = "more-\(round)-\(index)"
                    let task = try await self.startAndTake(id)
                    try await self.commit(self.activities(task, 1))
                    let activity = try await self.takeActivities(1)[0]
                    let completion = ActivityCompletion(claim: activity.claim, result: .completed([1]))
                    _ = try await self.backend.complete(completion, claiming: nil)
                    try await self.commit(self.timers(try await self.take(id), 1))
                    try await self.signal(id, 1)
                    try await self.commit(self.completion(try await self.take(id)))
                }
            }
        }
        try await measure("\(count) open runs: 500 of them signalled, cancelled, terminated, described") { round in
            {
                for index in round * 500..<round * 500 + 500 {
                    try await self.signal("seeded-\(index)", 1)
                    _ = try await self.backend.requestCancel(
                        workflowID: "seeded-\(index)", runNumber: nil, reason: "enough")
                    try await self.terminate("seeded-\(index)")
                    _ = try await self.backend.describe(workflowID: "seeded-\(index)", runNumber: nil)
                    _ = try await self.claim(1, 0)
                }
            }
        }
    }

    func dueTimers(_ count: Int) async throws {
        try await seedTimers(count)
        try await measure("\(count) timers due at once: 1,000 claims without room") { round in
            { for _ in 0..<1000 { _ = try await self.claim(0, 0) } }
        }
        try await measure("\(count) timers due at once: 300 claims of 16 runs, each committed") { round in
            {
                for _ in 0..<300 {
                    for task in try await self.claim(16, 0).workflowTasks {
                        _ = try await self.backend.commit(self.completion(task), claiming: nil)
                    }
                }
            }
        }
    }

    /// Makes idle runs as starts and turns without commands leave them, a thousand at a time.
    private func seed(_ count: Int) async throws {
        let script = """
            local base, now = string.sub(KEYS[1], 1, -5), redis.call('TIME')[1] * 1000
            for index = tonumber(ARGV[1]), tonumber(ARGV[2]) do
              local id = 'seeded-' .. index
              local number = redis.call('HINCRBY', KEYS[1], 'runs', 1)
              local ref, value = number .. ':' .. id, now .. ' 0 ' .. ARGV[3]
              redis.call('XADD', base .. 'history:' .. ref, '1-0', 'started', value)
              redis.call('HSET', base .. 'run:' .. ref, 'state', 'idle 1 1 1 ' .. now .. ' ' .. #value, 'queue', 'main',
                'type', 'Order', 'request', id, 'version', '1', 'started', now)
              redis.call('HSET', base .. 'newest', id, number)
              redis.call('ZADD', base .. 'open', now, ref)
            end
            """
        let record = StartRecord(type: "Order", version: "1", input: Array("{}".utf8)).encoded()
        for first in stride(from: 0, to: count, by: 1000) {
            let last = min(first + 1000, count) - 1
            let command = RedisCommand("EVAL", script, 1, "{bench:0}:meta", first, last, record)
            if let error = try await meter.redis.send(command).serverError { throw error }
        }
    }

    /// Gives each of them that is open a timer that is due.
    private func seedTimers(_ count: Int) async throws {
        let script = """
            local base, due = string.sub(KEYS[1], 1, -5), tonumber(ARGV[3])
            local refs = redis.call('ZRANGE', base .. 'open', ARGV[1], ARGV[2])
            for index = 1, #refs do
              redis.call('HSET', base .. 'ops:' .. refs[index], '0', 't ' .. due)
              redis.call('ZADD', base .. 'timers', due, 't:0:' .. refs[index])
            end
            """
        for first in stride(from: 0, to: count, by: 1000) {
            let command = RedisCommand("EVAL", script, 1, "{bench:0}:meta", first, first + 999, 1)
            if let error = try await meter.redis.send(command).serverError { throw error }
        }
    }
}
