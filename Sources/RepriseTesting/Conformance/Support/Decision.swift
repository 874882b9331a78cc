import Reprise

/// What a turn decides, in a short form.
struct Decision {
    /// One command, with its effect.
    enum Step {
        case schedule(name: String, input: [UInt8], queue: String, timeouts: ActivityTimeouts, retry: RetryPolicy)
        case timer(Timestamp)
        case startChild(workflowID: String, record: StartRecord, queue: String, policy: ParentClosePolicy)
        case signalChild(Int, SignalRecord)
        case cancel(Int)
        case complete([UInt8])
        case fail(FailureRecord)
        case cancelled(reason: String)
        case continueAsNew(StartRecord, carrying: [Int])

        static func activity(
            _ name: String = "charge", input: [UInt8] = Array("7".utf8), queue: String = Bench.queue,
            timeout: Duration = .seconds(60), retry: RetryPolicy = .none
        ) -> Step {
            .activity(name, input: input, queue: queue, timeouts: ActivityTimeouts(startToClose: timeout), retry: retry)
        }

        static func activity(
            _ name: String = "charge", input: [UInt8] = Array("7".utf8), queue: String = Bench.queue,
            timeouts: ActivityTimeouts, retry: RetryPolicy = .none
        ) -> Step {
            .schedule(name: name, input: input, queue: queue, timeouts: timeouts, retry: retry)
        }

        static func child(
            _ workflowID: String = "child", type: String = "Order", version: String = "", input: [UInt8] = [],
            queue: String = Bench.queue, policy: ParentClosePolicy = .terminate
        ) -> Step {
            let record = StartRecord(type: type, version: version, input: input)
            return .startChild(workflowID: workflowID, record: record, queue: queue, policy: policy)
        }

        static func signal(_ operation: Int, _ id: String, payload: [UInt8] = []) -> Step {
            .signalChild(operation, SignalRecord(id: id, name: "note", payload: payload))
        }

        static func next(version: String = "", input: [UInt8] = [], carrying signals: [Int] = []) -> Step {
            .continueAsNew(StartRecord(type: "Order", version: version, input: input), carrying: signals)
        }

        var command: Command {
            switch self {
            case .schedule(let name, let input, _, _, _):
                Command(kind: .scheduleActivity, name: name, location: "Bench/Case.swift:1", payload: input)
            case .timer(let due): Command(kind: .startTimer, argument: due.milliseconds)
            case .startChild(_, let record, _, _):
                Command(kind: .startChild, name: record.type, payload: record.encoded())
            case .signalChild(let operation, let signal):
                Command(
                    kind: .signalChild, name: signal.name, argument: Int64(operation), payload: signal.encoded())
            case .cancel(let operation): Command(kind: .cancelOperation, argument: Int64(operation))
            case .complete(let output): Command(kind: .complete, payload: output)
            case .fail(let failure): Command(kind: .fail, payload: failure.encoded())
            case .cancelled(let reason): Command(kind: .cancelled, payload: Array(reason.utf8))
            case .continueAsNew(let record, _): Command(kind: .continueAsNew, payload: record.encoded())
            }
        }
    }

    let steps: [Step]
    let position: Int

    init(_ steps: [Step], from position: Int) {
        self.steps = steps
        self.position = position
    }

    func commit(under claim: WorkflowClaim, through: Int, regardless: Bool = false) -> Commit {
        let turn = Turn(firstCommand: position, commands: steps.map(\.command), buildID: "bench").encoded()
        var commit = Commit(claim: claim, through: through, closesRegardless: regardless)
        if !steps.isEmpty { commit.turn = turn.bytes }
        for (index, step) in steps.enumerated() {
            switch step {
            case .schedule(let name, _, let queue, let timeouts, let retry):
                commit.effects.append(
                    .scheduleActivity(
                        ScheduledActivity(
                            operation: position + index, name: name, queue: queue, input: turn.payloads[index],
                            timeouts: timeouts, retry: retry)))
            case .timer(let due): commit.effects.append(.startTimer(operation: position + index, due: due))
            case .startChild(let workflowID, let record, let queue, let policy):
                commit.effects.append(
                    .startChild(
                        ScheduledChild(
                            operation: position + index, workflowID: workflowID, type: record.type,
                            version: record.version, queue: queue, record: turn.payloads[index],
                            parentClosePolicy: policy)))
            case .signalChild(let operation, _):
                commit.effects.append(.signalChild(operation: operation, record: turn.payloads[index]))
            case .cancel(let operation): commit.effects.append(.cancel(operation: operation))
            case .complete: commit.closing = .completed
            case .fail: commit.closing = .failed
            case .cancelled: commit.closing = .cancelled
            case .continueAsNew(_, let signals):
                commit.closing = .continuedAsNew
                commit.carried = signals
            }
        }
        if commit.closing != nil { commit.result = turn.payloads.last }
        return commit
    }
}
