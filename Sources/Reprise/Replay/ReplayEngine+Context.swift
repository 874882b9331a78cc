import Synchronization

/// The small things that a context reads and sets.
extension ReplayEngine {
    var now: Timestamp { shared.withLock { $0.now } }

    /// Whether the run was asked to end.
    var isCancelled: Bool { shared.withLock { $0.cancellationReason != nil } }

    /// How long the history is, up to the last event stepped and turn recorded. Any thread may ask.
    package var historySize: HistorySize { shared.withLock { $0.history } }

    /// Reads what calls from elsewhere may see; one that comes from elsewhere marks the turn as failed.
    func read<Value: Sendable>(_ property: StaticString, _ body: (Shared) -> Value) -> Value {
        // A side effect may read: that changes nothing.
        if !(executor.isInStep && isInSideEffect) { try? check(property) }
        return shared.withLock { body($0) }
    }

    func setVariable(_ name: String, _ value: any Sendable) {
        guard (try? check("setVariable")) != nil else { return }
        if let index = variables.firstIndex(where: { $0.name == name }) {
            variables[index].value = value
        } else {
            variables.append((name, value))
        }
    }

    /// The numbers of the activities that are open, in order.
    package var openActivities: [Int] {
        open { if case .activity = $0 { true } else { false } }
    }

    /// The numbers of the timers that are open, in order.
    package var openTimers: [Int] {
        open { if case .timer = $0 { true } else { false } }
    }

    /// The numbers of the children that are open, in order.
    package var openChildren: [Int] {
        open { if case .child = $0 { true } else { false } }
    }

    private func open(_ isWanted: (Operation.Kind) -> Bool) -> [Int] {
        operations.values.filter { isWanted($0.kind) }.compactMap(\.number).sorted()
    }

    /// The workflow's variables, then those set by name; a name that is both has the value set last by name.
    package var allVariables: [(name: String, value: Any)] {
        var all = instance?.variables ?? []
        for (name, value) in variables {
            if let index = all.firstIndex(where: { $0.name == name }) {
                all[index].value = value
            } else {
                all.append((name, value))
            }
        }
        return all
    }

    func decode<Value>(_ bytes: [UInt8], _ coder: PayloadCoder<Value>, _ subject: String) throws -> Value {
        do { return try codec.decode(bytes, coder, subject) } catch { throw noted(error) }
    }

    func finish<Output>(returning output: Output, _ coder: PayloadCoder<Output>) {
        do throws(PayloadError) {
            let payload = try codec.encode(output, coder, "the output of workflow \(info.type)")
            finish(Command(kind: .complete, payload: payload.bytes))
        } catch {
            _ = noted(error)
        }
    }

    func finish(throwing error: any Error) {
        let cancellation = shared.withLock { $0.cancellationReason }
        switch error {
        case is WorkflowStopped:
            return
        case is CancellationError where cancellation != nil:
            finish(Command(kind: .cancelled, payload: Array((cancellation ?? "").utf8)))
        case let next as ContinueAsNew:
            finish(continuing: next)
        default:
            finish(Command(kind: .fail, payload: codec.record(of: error).encoded()))
        }
    }

    private func finish(continuing next: ContinueAsNew) {
        guard next.type.isExactly(info.type) else {
            return stop(.misuse, "workflow \(info.type) (run \(run)) can't continue as new as a \(next.type)")
        }
        do throws(PayloadError) {
            let record = StartRecord(
                type: info.type, version: info.version, input: try next.encode(codec), seenSignals: inbox.recentIDs)
            finish(Command(kind: .continueAsNew, payload: record.encoded()))
        } catch {
            _ = noted(error)
        }
    }
}
