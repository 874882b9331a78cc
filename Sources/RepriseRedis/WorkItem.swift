import Reprise

/// One thing that a worker hands in: a turn, perhaps with its results, or how an attempt ended, or nothing; and a request for work, or none.
struct WorkItem: BatchItem {
    enum Kind: String {
        case commit, complete, foresee
        case none = ""
    }

    let kind: Kind
    let arguments: ScriptArguments
    /// The request for work that goes with it.
    var request: ClaimRequest?

    init(_ kind: Kind, _ arguments: ScriptArguments = ScriptArguments(), before request: ClaimRequest? = nil) {
        self.kind = kind
        self.arguments = arguments
        self.request = request
    }
}

extension ScriptRunner.Call {
    /// Appends an item as the script `work` has it.
    mutating func append(_ item: WorkItem) {
        append(item.kind.rawValue)
        append(item.arguments.count)
        append(contentsOf: item.arguments)
        append(item.request?.id ?? "")
        append(max(item.request?.workflowSlots ?? 0, 0))
        append(max(item.request?.activitySlots ?? 0, 0))
    }
}
