/// The names of all keys and channels. Everything of a namespace's partition carries the same hash tag, so that a
/// transition is one script in one slot. A run reference is `number:workflowID`.
///
/// The scripts build the same names from ``meta``.
struct Keys: Sendable {
    /// `{namespace:partition}:`
    let base: String

    /// Keys of a partition. A stand-alone Redis has the partition 0 only.
    init(namespace: String, partition: Int = 0) {
        base = "{\(namespace):\(partition)}:"
    }

    // MARK: Fixed keys

    /// A hash: `runs` the last run number, `time` when a worker was heard last, `hold` until when leases don't expire,
    /// `swept` when a claim last cleaned up, `kept` how many bytes the closed runs have, `parked` how many types are parked, `suspects` how many suspects wait,
    /// `aside` how often one of these counts rose, `outbox` is there while there are messages. Every script declares it.
    var meta: String { base + "meta" }
    /// A hash: workflow id → number of its newest run.
    var newest: String { base + "newest" }
    /// A sorted set of the runs that are not closed; score: when they were accepted.
    var open: String { base + "open" }
    /// A sorted set of closed runs; score: when they closed. Retention goes by it.
    var closed: String { base + "closed" }
    /// A sorted set of the blocked runs; score: since when.
    var blocked: String { base + "blocked" }
    /// A sorted set of what is held, `w:<run>` or `a:<operation>:<run>`; score: when it ends unless it is renewed, or the
    /// attempt's deadline or that of its next heartbeat if one is earlier.
    var leases: String { base + "leases" }
    /// A sorted set of what comes due: `t:<operation>:<run>` a timer, `r:<operation>:<run>` an activity's next attempt,
    /// `s:<run>` a delayed start, `d:<run>` a delayed turn, `q:<operation>:<run>` the end of the time that an activity may
    /// wait in its queue, `e:<operation>:<run>` the deadline of an attempt that goes on elsewhere.
    var timers: String { base + "timers" }
    /// A list of messages that are not delivered yet, see `Scripts/Parts/messages.lua`.
    var outbox: String { base + "outbox" }
    /// A sorted set of workers; score: when their registration lapses.
    var workers: String { base + "workers" }

    /// A hash of what could not be read and was put aside, such as a member of ``timers`` → why. See
    /// `Scripts/Parts/guarding.lua`.
    var corrupt: String { base + "corrupt" }

    // MARK: Keys of a run

    /// A hash: where the run is, see `Scripts/Parts/runs.lua`.
    func run(_ reference: String) -> String { base + "run:" + reference }
    /// A stream: the run's history. Entry `n` has the id `n-0` and one field: its kind → `<time> <reference> <payload>`. The
    /// payload of a long one is a second field, without a name.
    func history(_ reference: String) -> String { base + "history:" + reference }
    /// A hash: the run's open operations, see `Scripts/Parts/operations.lua`. Absent if there is none.
    func operations(_ reference: String) -> String { base + "ops:" + reference }

    /// A set: the run's blocked activities. Absent if there is none.
    func stuck(_ reference: String) -> String { base + "stuck:" + reference }
    /// A hash: the operations of a closed run that claims have yet to remove, see `Scripts/Parts/clearing.lua`.
    func remains(_ reference: String) -> String { base + "remains:" + reference }
    /// A list: pages of a large turn's effects that are not applied yet, each before its part of the turn, see `Scripts/Parts/staging.lua`.
    func staged(_ reference: String) -> String { base + "staged:" + reference }

    // MARK: Keys of a queue

    /// A list of runs that wait for a worker.
    func workflowQueue(_ queue: String) -> String { base + "queue:w:" + queue }
    /// A list of activities that wait for a worker, `<operation>:<run>`.
    func activityQueue(_ queue: String) -> String { base + "queue:a:" + queue }
    /// A list of tasks with deaths that were left beside the queue; kind `w` or `a`. See `Scripts/Parts/suspects.lua`.
    func suspects(_ kind: String, _ queue: String) -> String { base + "suspects:" + kind + ":" + queue }
    /// A set of workers whose last claim left room for a task of the kind, `w` or `a`.
    func idle(_ kind: String, _ queue: String) -> String { base + "idle:" + kind + ":" + queue }
    /// A set: what is parked in the queue, `w:<workflow type>` or `a:<activity>`.
    func parkedTypes(_ queue: String) -> String { base + "parkedTypes:" + queue }
    /// A list of tasks that no worker knew which drew them; `type` as in ``parkedTypes(_:)``.
    func parked(_ queue: String, _ type: String) -> String { base + "parked:\(queue.utf8.count):\(queue):\(type)" }
    /// A sorted set, ordered by build, of the blocked runs of a type.
    func blocked(_ queue: String, _ type: String) -> String { base + "blocked:\(queue.utf8.count):\(queue):\(type)" }

    // MARK: Keys of a worker

    /// A hash: queue, lease, name, build, expires, `idle:w` and `idle:a` if it is in these sets, `suspect` as in
    /// `Scripts/Parts/suspects.lua`, `judged` once it is dead and known what that is charged to, and a field for each type
    /// that it knows.
    func worker(_ id: String) -> String { base + "worker:" + id }
    /// A hash of what the worker holds: nonce → `<deadline, heartbeats included, or 0> <member of leases>`.
    func held(_ worker: String) -> String { base + "held:" + worker }
    /// A sorted set of the suspects that the worker took, by nonce; score: when the trial ends.
    func trials(_ worker: String) -> String { base + "trials:" + worker }
    /// A list of wake-up tokens, on which the worker blocks when it has nothing to do.
    func inbox(_ worker: String) -> String { base + "inbox:" + worker }

    // MARK: Channels

    /// The channel on which one backend object hears of the runs that it waits for.
    func replies(_ channel: String) -> String { base + "replies:" + channel }
    /// The channel on which a worker hears of attempts that it need not go on with: `<reason> <nonce> <nonce>...`.
    func cancels(_ worker: String) -> String { base + "cancels:" + worker }
}
