/// What one run does to another: written in the transition that sends it, delivered by a later claim.
enum Message {
    /// Starts a child.
    case start(ScheduledChild, record: [UInt8], of: ParentLink)
    /// Tells a parent how its child ended: `childCompleted` or `childFailed`.
    case ended(HistoryEntry.Kind, payload: [UInt8], of: ParentLink)
    /// Signals a child, with an encoded ``SignalRecord``.
    case signal([UInt8], Child)
    /// Asks a child to end.
    case cancel(reason: String, Child)
    /// Ends a child.
    case terminate(reason: String, Child)

    /// A child by its parent's operation and its workflow id. Of several runs, each of which goes on in the next, the
    /// newest is meant.
    struct Child {
        var link: ParentLink
        var workflowID: String
    }

    /// Whether it starts this child.
    func begins(_ child: ParentLink) -> Bool {
        if case .start(_, _, let link) = self { link == child } else { false }
    }

    /// Whether it tells of this child's end.
    func ends(_ child: ParentLink) -> Bool {
        if case .ended(_, _, let link) = self { link == child } else { false }
    }
}

/// The operation of a run that a child belongs to.
struct ParentLink: Hashable {
    var run: RunID
    var operation: Int
}
