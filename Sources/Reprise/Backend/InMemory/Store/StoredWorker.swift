/// A registered worker.
struct StoredWorker {
    var registration: WorkerRegistration
    private var workflowTypes: Set<ExactName>
    private var activityNames: Set<ExactName>
    /// When the registration ends unless it is renewed.
    var expires: Timestamp
    /// When it was last heard of: it registered, or renewed its registration.
    var heard: Timestamp
    /// How many workflow tasks it has room for, as far as the backend can tell.
    var workflowRoom = 0
    /// How many activity tasks it has room for, as far as the backend can tell.
    var activityRoom = 0
    /// Whether it found nothing and has to be woken when something comes in.
    var isIdle = false
    /// Whether it has been woken and hasn't come yet.
    var hasToken = false

    init(_ registration: WorkerRegistration, now: Timestamp) {
        self.registration = registration
        workflowTypes = Set(registration.workflowTypes.map(ExactName.init))
        activityNames = Set(registration.activityNames.map(ExactName.init))
        expires = now.advanced(by: registration.lease)
        heard = now
    }

    func serves(_ queue: String) -> Bool { registration.queue.isExactly(queue) }

    func knows(_ type: String, of kind: TaskKind) -> Bool {
        switch kind {
        case .workflow: workflowTypes.contains(ExactName(type))
        case .activity: activityNames.contains(ExactName(type))
        }
    }

    func room(for kind: TaskKind) -> Int {
        switch kind {
        case .workflow: workflowRoom
        case .activity: activityRoom
        }
    }

    mutating func addRoom(_ count: Int, for kind: TaskKind) {
        switch kind {
        case .workflow: workflowRoom += count
        case .activity: activityRoom += count
        }
    }
}

/// The two sorts of tasks.
enum TaskKind: CaseIterable {
    case workflow, activity
}
