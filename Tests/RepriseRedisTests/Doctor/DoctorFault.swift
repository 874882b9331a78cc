import RedisClient
import Reprise
import Testing

/// Something that can be wrong, made by raw commands.
struct DoctorFault: CustomTestStringConvertible, Sendable {
    let invariant: String
    let state: DoctorScene.State
    /// Whether repairing can't mend it; then a run that is open is blocked.
    var needsPerson = false
    let inject: @Sendable (DoctorScene) async throws -> Void

    var testDescription: String { "\(invariant) (\(state))" }

    init(
        _ invariant: String, _ state: DoctorScene.State, needsPerson: Bool = false,
        _ inject: @escaping @Sendable (DoctorScene) async throws -> Void
    ) {
        self.invariant = invariant
        self.state = state
        self.needsPerson = needsPerson
        self.inject = inject
    }

    static let all = ofOperations + ofRuns + ofPlaces + ofLists + ofKeys

    private static let ofOperations = [
        DoctorFault("a queued task is in its queue or parked", .activityQueued) {
            try await $0.send("DEL", "#queue:a:default")
        },
        DoctorFault("what is leased is among what its holder holds", .activityLeased) {
            try await $0.send("DEL", "#held:worker1")
        },
        DoctorFault("what is leased has a lease", .activityLeased) { try await $0.send("DEL", "#leases") },
        DoctorFault("the lease of an attempt lasts past its deadline only while its worker may live", .activityLeased) {
            scene in
            try await scene.send("ZADD", "#leases", "9e13", "a:\(try await scene.operation()):@")
        },
        DoctorFault("only what is leased has a lease", .activityQueued) { scene in
            try await scene.send("ZADD", "#leases", "9e13", "a:\(try await scene.operation()):@")
        },
        DoctorFault("a queued activity has a deadline if it may not wait for ever", .activityQueued) {
            try await $0.editOperation(5, "0")
        },
        DoctorFault("an activity has a timer only in the state that needs it", .activityQueued) { scene in
            try await scene.send("ZADD", "#timers", "9e13", "r:\(try await scene.operation()):@")
        },
        DoctorFault("an activity has the timer that its state needs", .activityQueued) {
            try await $0.send("DEL", "#timers")
        },
        DoctorFault("an activity has the timer that its state needs", .activityRetrying) {
            try await $0.send("DEL", "#timers")
        },
        DoctorFault("an activity has the timer that its state needs", .activityElsewhere) {
            try await $0.send("DEL", "#timers")
        },
        DoctorFault("the next attempt comes before schedule-to-close passes", .activityRetrying) { scene in
            try await scene.editOperation(5, "90000000000000")
            try await scene.send("ZADD", "#timers", "90000000000000", "r:\(try await scene.operation()):@")
        },
        DoctorFault("an open operation can be read", .activityQueued, needsPerson: true) {
            try await $0.editOperation(0, "x")
        },
        DoctorFault("an open activity has its input", .activityQueued, needsPerson: true) { scene in
            try await scene.send("HDEL", scene.operations, "\(try await scene.operation()):in")
        },
        DoctorFault("an activity knows the type of its run", .activityQueued) { scene in
            try await scene.edit(scene.operations, try await scene.operation()) { $0 + "2" }
        },
        DoctorFault("an open timer is among the timers", .sleeping) { try await $0.send("DEL", "#timers") },
        DoctorFault("an open child operation has an open child, or one message under way", .child, needsPerson: true) {
            scene in
            let number = try await scene.redis.send(["HGET", scene.key("newest"), "child"]).asString
            try await scene.send("HSET", "#run:\(number):child", "parent", "1:77:other")
        },
        DoctorFault("inputs, failures and heartbeats belong to an open operation", .activityQueued) { scene in
            try await scene.send("HSET", scene.operations, "77:in", "1")
        },
        DoctorFault("the count of blocked activities is right", .activityQueued) { scene in
            try await scene.send("HSET", scene.runKey, "trouble", "0 0 1")
        },
    ]

    private static let ofRuns = [
        DoctorFault("what is kept of a run lasts", .queued) { try await $0.send("EXPIRE", "#history:@", "1000") },
        DoctorFault("claims are told of what a closed run left behind", .closed) {
            try await $0.send("HSET", "#remains:@", "1", "t 5")
        },
        DoctorFault("a listed run exists and can be read", .closed) { scene in
            try await scene.send("DEL", scene.runKey, scene.history)
        },
        DoctorFault("a listed run exists and can be read", .queued, needsPerson: true) { scene in
            try await scene.send("HSET", scene.runKey, "state", "queued")
        },
        DoctorFault("a history has all entries", .activityQueued, needsPerson: true) { scene in
            try await scene.send("XDEL", scene.history, "1-0")
        },
        DoctorFault("entries are numbered without a gap", .activityQueued, needsPerson: true) { scene in
            try await scene.send("XDEL", scene.history, "1-0")
            try await scene.send("XADD", scene.history, "2-1", "signalled", "0 0 ")
        },
        DoctorFault("a run knows the time of its newest entry", .activityQueued) { try await $0.editState(4, "7") },
        DoctorFault("through <= last arrival <= last entry", .activityQueued, needsPerson: true) {
            try await $0.editState(3, "99")
        },
        DoctorFault("a run is on the list of its kind, open or closed, alone", .queued) {
            try await $0.send("DEL", "#open")
        },
        DoctorFault("a run is on the list of its kind, open or closed, alone", .closed) {
            try await $0.send("ZADD", "#open", "1", "@")
        },
        DoctorFault("the newest run of an id is known", .queued) { try await $0.send("HDEL", "#newest", "run") },
        DoctorFault("a run that continued as new names the next, and no other does", .closed) { scene in
            try await scene.send("HSET", scene.runKey, "next", "7")
        },
        DoctorFault("a run is in one row with the next", .continued) { scene in
            try await scene.send("HSET", "#run:\(scene.run.number + 1):run", "previous", "99")
        },
        DoctorFault("a closed run has no open operations", .closed) { scene in
            try await scene.send("HSET", scene.operations, "1", "t 5")
        },
        DoctorFault("a run knows its type and queue", .queued, needsPerson: true) { scene in
            try await scene.send("HDEL", scene.runKey, "queue")
        },
        DoctorFault("what is stored can be read", .activityQueued, needsPerson: true) { scene in
            try await scene.send("SET", scene.operations, "1")
        },
    ]

    private static let ofPlaces = [
        DoctorFault("a leased run has a claim", .leased) { scene in try await scene.send("HDEL", scene.runKey, "claim")
        },
        DoctorFault("what is leased is among what its holder holds", .leased) {
            try await $0.send("DEL", "#held:worker1")
        },
        DoctorFault("what is leased has a lease", .leased) { try await $0.send("DEL", "#leases") },
        DoctorFault("only what is leased has a lease", .queued) { try await $0.send("ZADD", "#leases", "9e13", "w:@") },
        DoctorFault("a delayed run has one timer", .delayed) { try await $0.send("DEL", "#timers") },
        DoctorFault("only a delayed run has a timer of its own", .queued) {
            try await $0.send("ZADD", "#timers", "9e13", "d:@")
        },
        DoctorFault("a blocked run is on the lists of the blocked ones", .blocked) {
            try await $0.send("DEL", "#blocked")
        },
        DoctorFault("a blocked run has a reason", .blocked) { scene in
            try await scene.send("HDEL", scene.runKey, "reason")
        },
        DoctorFault("only a blocked run is on the list of the blocked ones", .queued) {
            try await $0.send("ZADD", "#blocked", "1", "@")
        },
        DoctorFault("only a blocked run is on the list of the blocked ones of its type", .queued) {
            try await $0.send("ZADD", "#blocked:7:default:Steps", "0", "0::@")
        },
        DoctorFault("a run that is not to be moved rests as paused", .queued) { try await $0.editState(6, "p") },
        DoctorFault("a paused run waits to be resumed", .paused) { try await $0.editState(6, "") },
        DoctorFault("an idle run has seen all arrivals", .queued) { try await $0.editState(0, "idle") },
        DoctorFault("a queued task is in its queue or parked", .queued) {
            try await $0.send("DEL", "#queue:w:default")
        },
        DoctorFault("a run with a blocked activity is blocked when it would be idle, queued or paused", .activityQueued)
        { scene in
            try await scene.editOperation(1, "b")
            try await scene.editOperation(5, "0")
            try await scene.send("DEL", "#timers")
            try await scene.send("SADD", "#stuck:@", try await scene.operation())
            try await scene.send("HSET", scene.runKey, "trouble", "0 0 1")
        },
        DoctorFault("a run whose effects are staged is queued for them", .activityQueued) { scene in
            // An empty packed list, a page without effects, and no part of a turn.
            try await scene.redis.send(["RPUSH", scene.key("staged:\(scene.run)"), [0x90] as [UInt8], ""])
            try await scene.editState(6, "s")
        },
        DoctorFault("effects are staged for good if their turn is recorded, and only then", .queued) { scene in
            try await scene.send("RPUSH", "#staged:@", "nonce")
        },
        DoctorFault("effects are staged for good if their turn is recorded, and only then", .queued, needsPerson: true)
        {
            try await $0.editState(6, "s")
        },
    ]

    private static let ofLists = [
        DoctorFault("a blocked activity is on the list of its run", .activityQueued) { scene in
            try await scene.editOperation(1, "b")
            try await scene.editOperation(5, "0")
            try await scene.send("DEL", "#timers")
            try await scene.send("HSET", scene.runKey, "trouble", "0 0 1")
        },
        DoctorFault("what is on the list of the blocked activities is blocked", .activityQueued) {
            try await $0.send("SADD", "#stuck:@", "77")
        },
        DoctorFault("the bytes of the closed runs are counted", .closed) {
            try await $0.send("HINCRBY", "#meta", "kept", "9")
        },
        DoctorFault("a lease belongs to what is leased", .queued) {
            try await $0.send("ZADD", "#leases", "9e13", "w:5:nobody")
        },
        DoctorFault("a lease belongs to what is leased", .queued) {
            try await $0.send("ZADD", "#leases", "9e13", "a:nonsense")
        },
        DoctorFault("a timer has something to wake", .queued) {
            try await $0.send("ZADD", "#timers", "9e13", "t:5:5:nobody")
        },
        DoctorFault("what is on the list of the blocked runs is blocked", .queued) {
            try await $0.send("ZADD", "#blocked", "1", "5:nobody")
        },
        DoctorFault("what a worker holds has a lease", .queued) {
            try await $0.send("HSET", "#held:nobody", "nonce", "0 w:5:nobody")
        },
        DoctorFault("a registered worker has a record", .queued) {
            try await $0.send("ZADD", "#workers", "9e13", "nobody")
        },
        DoctorFault("an idle worker is registered", .queued) { try await $0.send("SADD", "#idle:w:default", "nobody") },
        DoctorFault("the newest run of an id exists", .queued) { try await $0.send("HSET", "#newest", "nobody", "5") },
        DoctorFault("a task in a queue can be read", .queued) {
            try await $0.send("RPUSH", "#queue:a:default", "nonsense")
        },
        DoctorFault("claims are told of messages", .queued) {
            try await $0.send("RPUSH", "#outbox", "5:ended5:9:9:x9:completed1:1")
        },
        DoctorFault("what is parked is counted", .parked) { try await $0.send("HSET", "#meta", "parked", "0") },
        DoctorFault("what is suspect is counted", .queued) { scene in
            try await scene.send("LPOP", "#queue:w:default")
            try await scene.send("RPUSH", "#suspects:w:default", "@")
        },
    ]

    private static let ofKeys = [
        DoctorFault("nothing was put aside as unreadable", .queued, needsPerson: true) {
            try await $0.send("HSET", "#corrupt", "t:5:5:nobody", "nonsense")
        },
        DoctorFault("trials belong to a worker", .queued) {
            try await $0.send("ZADD", "#trials:nobody", "9e13", "nonce")
        },
        DoctorFault("the types of parked tasks are on the list of their queue", .parked) {
            try await $0.send("DEL", "#parkedTypes:default")
        },
        DoctorFault("a key belongs to a run that exists", .queued) {
            try await $0.send("HSET", "#ops:5:nobody", "1", "t 5")
        },
        DoctorFault("claims are told of what a closed run left behind", .queued) {
            try await $0.send("RPUSH", "#staged:5:nobody", "page")
        },
        DoctorFault("a key belongs to a run that exists", .queued, needsPerson: true) { scene in
            try await scene.send("XADD", "#history:5:nobody", "1-0", "started", "0 0 ")
        },
        DoctorFault("a worker with a record is on the list of workers", .leased) {
            try await $0.send("DEL", "#workers")
        },
        DoctorFault("an inbox belongs to a worker", .queued) { try await $0.send("RPUSH", "#inbox:nobody", "w") },
        DoctorFault("every key of the namespace is known", .queued, needsPerson: true) {
            try await $0.send("SET", "#treasure", "1")
        },
    ]
}
