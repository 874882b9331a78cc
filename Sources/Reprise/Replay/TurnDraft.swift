/// What the engine decided in one turn, before it is committed.
package struct TurnDraft {
    /// The last arrival that was stepped.
    package var through: Int
    package var turn: Turn
    /// How the activities among the commands are to be run.
    var scheduled: [PendingSchedule]

    /// The state to close the run with; `nil` if it goes on.
    package var closing: RunState? {
        switch turn.commands.last?.kind {
        case .complete: .completed
        case .fail: .failed
        default: nil
        }
    }

    /// What to send to the backend.
    package func commit(claim: WorkflowClaim, queue: String) -> Commit {
        guard !turn.commands.isEmpty else { return Commit(claim: claim, through: through) }
        let encoded = turn.encoded()
        var schedules = scheduled[...]
        let effects = turn.commands.enumerated().compactMap { index, command -> Commit.Effect? in
            let operation = turn.firstCommand + index
            switch command.kind {
            case .scheduleActivity:
                let schedule = schedules.removeFirst()
                assert(schedule.operation == operation)
                return .scheduleActivity(
                    ScheduledActivity(
                        operation: operation, name: command.name, queue: schedule.queue ?? queue,
                        input: encoded.payloads[index], timeouts: schedule.timeouts, retry: schedule.retry))
            case .startTimer:
                return .startTimer(
                    operation: operation, due: Timestamp(milliseconds: command.argument ?? 0))
            case .cancelOperation:
                return .cancel(operation: Int(command.argument ?? 0))
            default:
                return nil
            }
        }
        return Commit(claim: claim, through: through, turn: encoded.bytes, effects: effects, closing: closing)
    }
}

/// How an activity that a turn schedules is to be run: the part of it that is not history.
struct PendingSchedule {
    var operation: Int
    var queue: String?
    var timeouts: ActivityTimeouts
    var retry: RetryPolicy
}
