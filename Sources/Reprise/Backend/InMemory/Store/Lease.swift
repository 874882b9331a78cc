/// A worker's hold on a task.
struct Lease: Hashable {
    /// The worker that holds it.
    var worker: String
    /// What that worker is called.
    var workerName: String
    /// That worker's build.
    var build: String
    /// When it ends unless it is renewed.
    var expires: Timestamp
    /// When the attempt times out, for an activity task.
    var deadline: AttemptDeadline?
    /// Its place in the schedule.
    var ticket: Int

    /// When something happens to it if nobody does anything.
    var due: Timestamp { min(expires, deadline?.due ?? expires) }
}
