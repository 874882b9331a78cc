/// Something that a run has asked for: an activity, a child or a timer.
///
/// `@unchecked Sendable`: it is read and written only inside steps of its run, which ``ReplayEngine/enter(_:at:)`` checks
/// before every access.
final class Operation: @unchecked Sendable {
    /// Its position in the run's command sequence; `nil` if it was never issued.
    let number: Int?
    let kind: Kind
    var resolution: Resolution?
    /// In the order in which they began.
    var waiters: [(id: Int, continuation: EngineContinuation<Resolution>)] = []
    /// What a timer does when it fires, if nobody waits for it.
    var onFire: (() -> Void)?

    enum Kind {
        case activity(name: String)
        case child
        case timer
    }

    /// Whether an arrival of this kind can be meant for it.
    func canBeResolved(by arrival: HistoryEntry.Kind) -> Bool {
        switch kind {
        case .activity: arrival == .activityCompleted || arrival == .activityFailed
        case .child: arrival == .childCompleted || arrival == .childFailed
        case .timer: arrival == .timerFired
        }
    }

    enum Resolution: Sendable {
        case completed([UInt8])
        case failed(FailureRecord)
        case fired
        /// Its task was cancelled, or the run was stopped.
        case thrown(any Error)
    }

    init(number: Int?, kind: Kind, resolution: Resolution? = nil) {
        self.number = number
        self.kind = kind
        self.resolution = resolution
    }
}
