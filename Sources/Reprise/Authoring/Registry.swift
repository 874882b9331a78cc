/// The workflow types and activities of a worker, by name.
struct Registry: Sendable {
    private(set) var workflows: [ExactName: WorkflowRegistration] = [:]
    private(set) var activities: [ExactName: ActivityRegistration] = [:]

    init(_ registrations: [Registration]) throws(InvalidArgument) {
        for registration in registrations {
            switch registration.item {
            case .workflow(let workflow):
                try InvalidArgument.check(name: workflow.name, field: "\(workflow.typeName).name")
                if let other = workflows.updateValue(workflow, forKey: ExactName(workflow.name)) {
                    throw InvalidArgument(
                        field: "workflow", value: workflow.name,
                        problem: """
                            \(other.typeName) and \(workflow.typeName) are both registered under this name; \
                            give one of them its own `static let name`
                            """)
                }
            case .activity(let activity):
                try InvalidArgument.check(name: activity.name, field: "activity name")
                if let other = activities.updateValue(activity, forKey: ExactName(activity.name)) {
                    throw InvalidArgument(
                        field: "activity", value: activity.name,
                        problem: """
                            \(other.signature) and \(activity.signature) are both implemented under this name; \
                            an activity has one implementation in a worker
                            """)
                }
            }
        }
        for (field, count) in [("workflows", workflows.count), ("activities", activities.count)]
        where count > LengthLimits.types {
            throw InvalidArgument(
                field: field, value: "\(count)",
                problem: "a worker has at most \(LengthLimits.types); use several workers")
        }
    }
}

extension ActivityRegistration {
    /// Such as `(Charge) -> Receipt`.
    fileprivate var signature: String {
        "(\(inputType == Void.self ? "" : String(reflecting: inputType))) -> \(String(reflecting: outputType))"
    }
}
