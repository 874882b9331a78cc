import Reprise
import RepriseRedis

/// Single runs that are as large as they get.
extension Scene {
    /// What Redis takes for the bytes of a turn alone.
    func bytes() async throws {
        for count in [1, 32] {
            try await measure("a turn of 2 MB, the inputs of \(count) activities") { round in
                let id = "heavy-\(count)-\(round)"
                let input = [UInt8](repeating: UInt8(ascii: "7"), count: (2 << 20) / count)
                let turn = self.activities(try await self.startAndTake(id), count, input: input)
                return { try await self.commit(turn) }
            }
            try await measure("claiming them") { _ in { try await self.takeActivities(1000) } }
            try await measure("a result of 2 MB: the end of the run") { round in
                let id = "heavy-\(count)-\(round)"
                try await self.signal(id, 1)
                let result = [UInt8](repeating: UInt8(ascii: "7"), count: 2 << 20)
                let turn = self.completion(try await self.take(id), result: result)
                return { try await self.commit(turn) }
            }
        }
    }

    func turns(of size: Int) async throws {
        try await measure("a turn of 512 activities") { round in
            let turn = self.activities(try await self.startAndTake("inline-\(round)"), 512)
            return { try await self.commit(turn) }
        }
        for round in 0..<rounds { try await terminate("inline-\(round)") }
        try await takeActivities(1000)
        try await measure("a turn of \(size) activities") { round in
            let id = "activities-\(round)"
            let turn = self.activities(try await self.startAndTake(id), size)
            return { try await self.commit(turn) }
        }
        try await measure("claiming and completing them, 100 at a time") { round in
            {
                var left = 2000
                while left > 0 {
                    let tasks = try await self.claim(0, 100).activityTasks
                    for task in tasks {
                        let completion = ActivityCompletion(claim: task.claim, result: .completed([1]))
                        _ = try await self.backend.complete(completion, claiming: nil)
                    }
                    left -= max(tasks.count, 1)
                }
            }
        }
        try await measure("a turn that cancels \(size) timers") { round in
            let id = "cancelling-\(round)"
            try await self.commit(self.timers(try await self.startAndTake(id), size))
            try await self.signal(id, 1)
            let task = try await self.take(id)
            let command = Command(kind: .cancelOperation, argument: 0)
            let turn = self.turn(task, Array(repeating: command, count: size)) { operation, _ in
                .cancel(operation: operation - 100_000 * task.through)
            }
            return { try await self.commit(turn) }
        }
        for round in 0..<rounds { try await terminate("activities-\(round)") }
        try await drain()
        try await takeActivities(1000)
    }

    func ends(of size: Int) async throws {
        for what in ["activities", "running activities", "timers"] {
            for how in ["completing", "terminating"] {
                try await measure("\(how) a run with \(size) open \(what)") { round in
                    let id = "\(how)-\(what)-\(round)"
                    let task = try await self.startAndTake(id)
                    try await self.commit(what == "timers" ? self.timers(task, size) : self.activities(task, size))
                    if what == "running activities" { try await self.takeActivities(1000) }
                    try await self.signal(id, 1)
                    let last = self.completion(try await self.take(id))
                    return {
                        if how == "completing" { try await self.commit(last) } else { try await self.terminate(id) }
                        try await self.drain()
                        try await self.takeActivities(1000)
                    }
                }
            }
        }
    }

    func families(of size: Int) async throws {
        try await measure("a turn that starts \(size) children, and their starts") { round in
            let turn = self.children(try await self.startAndTake("parent-\(round)"), size, of: "parent-\(round)")
            return {
                try await self.commit(turn)
                try await self.drain()
            }
        }
        try await measure("the end of their parent, and theirs") { round in
            {
                try await self.terminate("parent-\(round)")
                try await self.drain()
            }
        }
        try await measure("a turn that starts \(size) children and closes its run") { round in
            let id = "ending-\(round)"
            var turn = self.children(try await self.startAndTake(id), size, of: id)
            turn.closing = .completed
            turn.result = 0..<0
            return {
                try await self.commit(turn)
                try await self.drain()
            }
        }
    }

    func signals(_ size: Int) async throws {
        let record = StartRecord(type: "Order", version: "1", input: []).encoded()
        for how in ["named", "unseen"] {
            try await measure("continuing as new with \(size) \(how) signals") { round in
                let id = "continuing-\(how)-\(round)"
                let task = try await self.startAndTake(id)
                try await self.signal(id, size)
                var turn = self.turn(
                    task, [Command(kind: .continueAsNew, payload: record)], closing: .continuedAsNew)
                if how == "named" {
                    turn.through = size + 1
                    turn.carried = Array(2...size + 1)
                } else {
                    _ = try await self.backend.commit(turn, claiming: nil)
                    turn.closesRegardless = true
                }
                return {
                    try await self.commit(turn)
                    // The next run has them all.
                    guard try await self.backend.describe(workflowID: id, runNumber: nil).lastEntry == size + 1 else {
                        throw BackendError(.corrupt, "signals were lost")
                    }
                    try await self.terminate(id)
                }
            }
        }
        try await measure("completing with \(size) pending signals") { round in
            let task = try await self.startAndTake("pending-\(round)")
            try await self.signal("pending-\(round)", size)
            var turn = self.completion(task)
            return {
                _ = try await self.backend.commit(turn, claiming: nil)
                turn.closesRegardless = true
                try await self.commit(turn)
            }
        }
    }

    func history(of size: Int) async throws {
        try await start("long")
        try await signal("long", size)
        try await measure("a history of \(size) entries: claimed, read, signalled, committed") { round in
            {
                let task = try await self.take("long")
                var last = task.history.last?.number ?? 0
                while true {
                    let page = try await self.backend.history(of: task.claim.run, after: last, limit: 1024)
                    guard let entry = page.last else { break }
                    last = entry.number
                }
                var turn = self.turn(task, [Command(kind: .startTimer, argument: 1 << 42)])
                turn.through = last
                try await self.commit(turn)
                _ = try await self.backend.describe(workflowID: "long", runNumber: nil)
                try await self.signal("long", 1)
            }
        }
        try await terminate("long")
    }

    func workers(holding size: Int) async throws {
        try await measure("a worker that holds \(size) activities: claimed, renewed, recovered, given back") { round in
            let id = "held-\(round)"
            let worker = "worker-\(round)"
            try await self.commit(self.activities(try await self.startAndTake(id), size))
            try await self.register(worker)
            return {
                let claims = try await self.takeActivities(size, worker: worker).map(\.claim)
                _ = try await self.backend.renew(worker: worker, workflows: [], activities: claims)
                let known = claims.prefix(size / 2).map(\.nonce)
                try await self.backend.recover(worker: worker, keeping: known)
                try await self.backend.unregister(worker: worker)
                try await self.terminate(id)
                try await self.drain()
                try await self.takeActivities(1000)
            }
        }
    }
}
