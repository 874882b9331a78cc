/// What the engine decided in one turn, before it is committed.
package struct TurnDraft {
    /// The last arrival that was stepped.
    package var through: Int
    package var turn: Turn
    /// How the activities and children among the commands are to be run, in order.
    var pending: [PendingEffect]
    /// The entries of what nobody has received: signals, and a request to end that came too late.
    var carried: [Int]

    /// The state to close the run with; `nil` if it goes on.
    package var closing: RunState? {
        switch turn.commands.last?.kind {
        case .complete: .completed
        case .fail: .failed
        case .cancelled: .cancelled
        case .continueAsNew: .continuedAsNew
        default: nil
        }
    }

    /// What to send to the backend.
    package func commit(claim: WorkflowClaim, queue: String) -> Commit {
        guard !turn.commands.isEmpty || !turn.localResults.isEmpty else {
            return Commit(claim: claim, through: through)
        }
        let encoded = turn.encoded()
        var pending = pending[...]
        let effects = turn.commands.enumerated().compactMap { index, command -> Commit.Effect? in
            let operation = turn.firstCommand + index
            let payload = encoded.payloads[index]
            switch command.kind {
            case .scheduleActivity, .startChild:
                let how = pending.removeFirst()
                assert(how.operation == operation)
                return effect(of: command, payload, how, queue: queue)
            case .startTimer:
                return .startTimer(
                    operation: operation, due: Timestamp(milliseconds: command.argument ?? 0))
            case .signalChild:
                return .signalChild(operation: Int(command.argument ?? 0), record: payload)
            case .cancelOperation:
                return .cancel(operation: Int(command.argument ?? 0))
            default:
                return nil
            }
        }
        return Commit(
            claim: claim, through: through, turn: encoded.bytes, effects: effects, closing: closing,
            result: closing == nil ? nil : encoded.payloads.last,
            carried: closing == .continuedAsNew ? carried : [])
    }

    private func effect(
        of command: Command, _ payload: Range<Int>, _ how: PendingEffect, queue: String
    ) -> Commit.Effect {
        switch how.kind {
        case .activity(let activityQueue, let timeouts, let retry):
            .scheduleActivity(
                ScheduledActivity(
                    operation: how.operation, name: command.name, queue: activityQueue ?? queue, input: payload,
                    timeouts: timeouts, retry: retry))
        case .child(let workflowID, let options, let recordSize):
            .startChild(
                ScheduledChild(
                    operation: how.operation, workflowID: workflowID, type: command.name, version: options.version,
                    queue: options.queue ?? queue, record: payload.upperBound - recordSize..<payload.upperBound,
                    parentClosePolicy: options.parentClosePolicy))
        }
    }
}
