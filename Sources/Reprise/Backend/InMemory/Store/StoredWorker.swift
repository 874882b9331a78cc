/// A registered worker.
struct StoredWorker {
    var registration: WorkerRegistration
    var workflowTypes: Set<String>
    var activityNames: Set<String>
    /// When the registration ends unless it is renewed.
    var expires: Timestamp
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
        workflowTypes = Set(registration.workflowTypes)
        activityNames = Set(registration.activityNames)
        expires = now.advanced(by: registration.lease)
    }

    func knows(_ type: String, of kind: TaskKind) -> Bool {
        switch kind {
        case .workflow: workflowTypes.contains(type)
        case .activity: activityNames.contains(type)
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
