/// Tasks of a run that the engine starts side by side, and whose cancellation it decides: what `race`, `map`, `withTimeout`
/// and `withShield` are made of.
///
/// They are not children of the task that waits for them, as structured concurrency makes them. So a shield can keep them
/// from its cancellation, and they may use the workflow's own state: while they run, the task that started them waits, and
/// all of a run's tasks take turns on one thread.
///
/// `@unchecked Sendable`: it is touched only inside steps of its run. ``ReplayEngine/enter(_:at:)`` checks that before a
/// group begins; its tasks run only on the run's executor, and ``ReplayEngine/cancelFromTask(_:)`` checks the last way in.
final class SubtaskGroup: @unchecked Sendable {
    private var tasks: [Task<Void, Never>] = []
    private var unfinished = 0
    private var waiter: CheckedContinuation<Void, Never>?

    func cancelAll() {
        for task in tasks { task.cancel() }
    }

    /// Starts a task; it begins when the caller suspends.
    func start(on engine: ReplayEngine, _ body: @escaping () async -> Void) {
        unfinished += 1
        tasks.append(
            engine.launch { [self] in
                await body()
                unfinished -= 1
                guard unfinished == 0 else { return }
                waiter?.resume()
                waiter = nil
            })
    }

    /// Waits for all tasks.
    func wait() async {
        guard unfinished > 0 else { return }
        await withCheckedContinuation { waiter = $0 }
    }
}

extension ReplayEngine {
    /// Runs closures side by side and waits for all of them.
    ///
    /// - Parameters:
    ///   - isShielded: whether they go on when the waiting task is cancelled. If not, they are cancelled, too.
    ///   - finished: called as each ends, in the order in which they do. It may cancel the others.
    func runSubtasks<Value>(
        _ bodies: [() async throws -> Value], isShielded: Bool = false, in group: SubtaskGroup = SubtaskGroup(),
        finished: @escaping (Int, Result<Value, any Error>, SubtaskGroup) -> Void
    ) async {
        for (index, body) in bodies.enumerated() {
            group.start(on: self) {
                do {
                    let value = try await body()
                    finished(index, .success(value), group)
                } catch {
                    finished(index, .failure(error), group)
                }
            }
        }
        if isShielded {
            await group.wait()
        } else {
            await withTaskCancellationHandler {
                await group.wait()
            } onCancel: {
                cancelFromTask { group.cancelAll() }
            }
        }
    }
}
