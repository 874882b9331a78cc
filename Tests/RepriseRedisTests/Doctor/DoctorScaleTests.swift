import RedisClient
import Reprise
import Testing

@testable import RepriseRedis

/// The doctor beside a busy fleet, and where there is much to look at.
struct DoctorScaleTests {
    @Test func `it raises no false alarm beside a busy fleet, and repairs nothing`() async throws {
        try await Site.with { site in
            try await withThrowingTaskGroup { group in
                group.addTask {
                    for number in 0..<600 { _ = try await site.backend.start(.sum("run-\(number)")) }
                }
                group.addTask {
                    let player = try await Player(site.backend, lease: .seconds(3600))
                    var closed = 0
                    while closed < 600 {
                        let work = try await player.claim(8, 8)
                        for task in work.workflowTasks {
                            if task.history.contains(where: { $0.kind == .activityCompleted }) {
                                _ = try await site.backend.commit(
                                    Player.completing(task, position: 3), claiming: nil)
                                closed += 1
                            } else {
                                _ = try await site.backend.commit(
                                    Player.scheduling(task, operations: 1..<3), claiming: nil)
                            }
                        }
                        for task in work.activityTasks.shuffled() {
                            _ = try await site.backend.complete(
                                ActivityCompletion(claim: task.claim, result: .completed([1])), claiming: nil)
                        }
                    }
                }
                group.addTask {
                    let doctor = try site.anotherBackend()
                    var examinations = 0
                    repeat {
                        let findings = try await doctor.examine(repairing: examinations.isMultiple(of: 2)).findings
                        #expect(findings == [])
                        examinations += 1
                    } while try await site.redis.send(["ZCARD", "{test:0}:closed"]).asInt < 600
                    #expect(examinations > 1)
                    await doctor.shutdown()
                }
                try await group.waitForAll()
            }
        }
    }

    @Test func `it counts nothing wrong while tasks are parked and taken back`() async throws {
        try await Site.with(retention: Retention(count: 0)) { site in
            let doctor = try site.anotherBackend()
            let moving = Task {
                let queues = ["one", "other"]
                var strangers: [Player] = []
                var players: [Player] = []
                for queue in queues {
                    let lease = Duration.seconds(60)
                    strangers.append(
                        try await Player(
                            site.backend, id: "stranger-\(queue)", queue: queue, types: ["Other"], lease: lease))
                    players.append(try await Player(site.backend, id: "player-\(queue)", queue: queue, lease: lease))
                }
                var turn = 0
                while !Task.isCancelled {
                    turn += 1
                    let index = turn % 2
                    _ = try await site.backend.start(.sum("run", queue: queues[index]))
                    let parked = try await strangers[index].claim()
                    #expect(parked.workflowTasks.isEmpty)
                    let task = try #require(try await players[index].claim().workflowTasks.first, "it stays parked")
                    _ = try await site.backend.commit(Player.completing(task), claiming: nil)
                }
            }
            for _ in 0..<30 { #expect(try await doctor.examine(repairing: true).findings == []) }
            moving.cancel()
            _ = await moving.result
            await doctor.shutdown()
        }
    }

    @Test func `what is missing in a long queue is found and put back while the queue moves`() async throws {
        try await Site.with { site in
            // Longer than what a script searches.
            let count = 10_500
            for start in stride(from: 0, to: count, by: 100) {
                try await withThrowingTaskGroup { group in
                    for number in start..<(start + 100) {
                        group.addTask { _ = try await site.backend.start(.sum("run-\(number)")) }
                    }
                    try await group.waitForAll()
                }
            }
            let queue = "{test:0}:queue:w:main"
            let lost = try await site.redis.send(["LINDEX", queue, 5000]).asString
            try await site.redis.send(["LREM", queue, 1, lost])
            let moving = Task {
                let player = try await Player(site.backend, lease: .seconds(3600))
                while !Task.isCancelled {
                    for task in try await player.claim(16, 0).workflowTasks {
                        _ = try await site.backend.release(
                            WorkflowRelease(claim: task.claim, disposition: .handBack))
                    }
                }
            }
            let found = try await site.anotherBackend().examine()
            #expect(found.findings.map(\.violation.run) == [RunID(lost)])
            let repaired = try await site.anotherBackend().examine(repairing: true)
            #expect(repaired.findings.map(\.state) == [.repaired])
            moving.cancel()
            _ = await moving.result
            #expect(try await site.redis.send(["LPOS", queue, lost]).isNull == false)
        }
    }

    @Test func `no script looks at more than a page of a run's operations or of the outbox`() async throws {
        try await Site.with(checksInvariants: false) { site in
            let run = try await site.backend.start(.sum("large"))
            var fields = RedisCommand("HSET", "{test:0}:ops:\(run)")
            var timers = RedisCommand("ZADD", "{test:0}:timers")
            for operation in 1...10_000 {
                fields.append("\(operation)")
                fields.append("t 90000000000000")
                timers.append("90000000000000")
                timers.append("t:\(operation):\(run)")
            }
            var messages = RedisCommand("RPUSH", "{test:0}:outbox")
            for number in 0..<10_000 { messages.append("5:ended7:\(1000 + number):1:x9:completed1:1") }
            try await site.redis.send(fields)
            try await site.redis.send(timers)
            try await site.redis.send(messages)
            try await site.redis.send(["HSET", "{test:0}:meta", "outbox", "1"])
            // A child that waits for a message at the end of the outbox; and a wrong count.
            try await site.redis.send(["HSET", "{test:0}:ops:\(run)", "20000", "c terminate child"])
            try await site.redis.send(["RPUSH", "{test:0}:outbox", "5:ended13:20000:\(run)9:completed1:1"])
            try await site.redis.send(["HSET", "{test:0}:run:\(run)", "trouble", "0 0 3"])
            try await site.redis.send(["CONFIG", "RESETSTAT"])

            let report = try await site.backend.examine()
            #expect(report.operations == 10_001)
            #expect(
                report.findings.map(\.violation.invariant) == ["the count of blocked activities is right"])
            let counts = try await site.commandCounts()
            let inner = counts.values.reduce(0, +)
            let scripts = try #require(counts["evalsha"])
            #expect(scripts > 2 * 10_000 / 32)
            #expect(inner / scripts < 32 * 20)
            #expect(counts["hkeys"] == nil && counts["hgetall"] == nil)

            let repaired = try await site.backend.examine(repairing: true)
            #expect(repaired.findings.map(\.state) == [.repaired])
            #expect(try await site.backend.examine().findings == [])
        }
    }

    @Test func `every invariant has a fault that the tests inject`() throws {
        let source = Scripts.shared.check.source
        let names = source.matches(of: /(?:violation\(|damaged\(run, |invariant = )'([a-z][^']+[a-z])'/).map {
            String($0.1)
        }
        #expect(names.count > 40)
        let untested = Set(names).subtracting(DoctorFault.all.map(\.invariant))
        #expect(untested == [])
    }
}
