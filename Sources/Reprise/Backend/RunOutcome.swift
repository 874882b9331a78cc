/// How a run ended, still encoded.
public enum RunOutcome: Hashable, Sendable {
    /// The workflow returned this encoded output.
    case completed([UInt8])
    /// The workflow threw this.
    case failed(FailureRecord)
    /// The workflow ended because it was asked to, for this reason.
    case cancelled(reason: String)
    /// Somebody ended it, for this reason.
    case terminated(reason: String)
    /// It goes on in ``RunDescription/successor``.
    case continuedAsNew

    /// Reads the outcome from a closed run's last entry: of the kind `turn`, `terminated` or `cancelRequested`.
    package init(kind: HistoryEntry.Kind, payload: [UInt8]) throws(CorruptHistory) {
        switch kind {
        case .turn: try self.init(closing: Turn(decoding: payload))
        case .terminated: self = .terminated(reason: String(decoding: payload, as: UTF8.self))
        case .cancelRequested: self = .cancelled(reason: String(decoding: payload, as: UTF8.self))
        default: throw CorruptHistory("a closed run ends with the entry \(kind)")
        }
    }

    /// Reads the outcome that a closing turn ends with.
    package init(closing turn: Turn) throws(CorruptHistory) {
        guard let last = turn.commands.last else { throw CorruptHistory("a closing turn has no commands") }
        switch last.kind {
        case .complete: self = .completed(last.payload)
        case .fail: self = .failed(try FailureRecord(decoding: last.payload))
        case .cancelled: self = .cancelled(reason: String(decoding: last.payload, as: UTF8.self))
        case .continueAsNew: self = .continuedAsNew
        default: throw CorruptHistory("a closing turn ends with \(last.kind)")
        }
    }
}
