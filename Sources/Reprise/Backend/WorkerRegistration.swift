/// What a worker tells the backend about itself.
public struct WorkerRegistration: Hashable, Sendable {
    /// Random, new for each start of a process: two workers never share one. ASCII letters and digits only.
    public var id: String
    /// For people: shown with its leases and in logs.
    public var name: String
    /// The queue it serves.
    public var queue: String
    /// The workflow types it can run; empty for a worker of activities only.
    public var workflowTypes: [String]
    /// The activities it can run; empty for a worker of workflows only.
    public var activityNames: [String]
    /// The build it runs; empty if unknown.
    public var buildID: String
    /// How long its leases last without a renewal.
    public var lease: Duration

    /// Makes a registration.
    public init(
        id: String, name: String, queue: String, workflowTypes: [String], activityNames: [String],
        buildID: String = "", lease: Duration
    ) {
        self.id = id
        self.name = name
        self.queue = queue
        self.workflowTypes = workflowTypes
        self.activityNames = activityNames
        self.buildID = buildID
        self.lease = lease
    }
}
