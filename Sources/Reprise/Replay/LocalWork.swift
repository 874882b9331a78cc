/// A local activity that the engine's driver is to run before the turn is committed.
package struct LocalWork: Sendable {
    /// Its operation number.
    package var operation: Int
    /// The activity's name.
    package var name: String
    /// The encoded input.
    package var input: [UInt8]
    /// Of the timeouts start-to-close and schedule-to-close count.
    package var timeouts: ActivityTimeouts
    package var retry: RetryPolicy
}

/// Local activities: asked for by workflow code, run by the driver between two steps of one turn.
extension ReplayEngine {
    func scheduleLocally<Input, Output>(
        _ activity: Activity<Input, Output>, _ input: Input, options: ActivityOptions, location: SourceLocation
    ) -> Operation {
        issue(.localActivity, "executeLocally", activity, input, options: options, location) { number, payload in
            localWork.append(
                LocalWork(
                    operation: number, name: activity.name, input: payload,
                    timeouts: options.timeouts(for: activity.timeouts), retry: options.retry ?? activity.retry))
        }
    }

    /// Whether there is something for the driver to run.
    package var hasLocalWork: Bool { phase == .running && !localWork.isEmpty }

    /// Hands the driver what it is to run. The draft of the turn waits until all of it has been given to
    /// ``finishLocal(_:_:)``.
    package func takeLocalWork() -> [LocalWork] {
        defer { localWork = [] }
        // Code that was cancelled meanwhile doesn't wait for it, and one that has ended neither.
        return phase == .running ? localWork.filter { operations[$0.operation] != nil } : []
    }

    /// Whether workflow code waits for the result of a local activity.
    package func isWaiting(forLocal operation: Int) -> Bool { phase == .running && operations[operation] != nil }

    /// Whether workflow code can go on.
    package var isRunning: Bool { phase == .running }

    /// The driver can't run a local activity.
    package func fail(missing activity: String) {
        stop(
            .unknownType,
            "workflow \(info.type) (run \(run)) runs activity \(activity) locally, and this worker doesn't have it: "
                + "register it with the worker of the workflow")
    }

    /// Applies how a local activity ended, as a step of its own. Nothing happens if nobody waits for it any more.
    package func finishLocal(_ operation: Int, _ result: LocalResult.Result) {
        guard phase == .running, operations[operation] != nil else { return }
        let local = LocalResult(operation: operation, after: steppedThrough, result: result)
        localResults.append(local)
        apply(local)
    }

    func apply(_ local: LocalResult) {
        guard let operation = operations[local.operation], case .activity = operation.kind else {
            return stop(
                .corruptHistory,
                "run \(run): a turn has a result of local activity \(local.operation), which isn't open")
        }
        operations[local.operation] = nil
        step {
            switch local.result {
            case .completed(let output): resolve(operation, .completed(output))
            case .failed(let failure): resolve(operation, .failed(failure))
            }
        }
    }
}
