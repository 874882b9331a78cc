/// What is ready in one queue.
struct TaskQueue {
    var workflows = ReadyList()
    var activities = ReadyList()

    subscript(kind: TaskKind) -> ReadyList {
        get {
            switch kind {
            case .workflow: workflows
            case .activity: activities
            }
        }
        _modify {
            switch kind {
            case .workflow: yield &workflows
            case .activity: yield &activities
            }
        }
    }
}
