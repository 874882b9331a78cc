import DequeModule
import OrderedCollections

extension Store {
    /// What is broken.
    func violations() -> [InvariantViolation] {
        var violations: [InvariantViolation] = []
        var sources = Sources()
        for number in runs.keys.sorted() {
            guard let run = runs[number] else { continue }
            violations += run.violations()
            check(run, number, &sources, &violations)
        }
        checkNothingIsLeft(by: sources, &violations)
        checkIndexes(&violations)
        checkWaking(&violations)
        return violations
    }

    /// What runs and operations say that they wait for.
    private struct Sources {
        var scheduled: [Int: DueSchedule.Item] = [:]
        var ready: Set<Int> = []
        var held: [String: [String: Held]] = [:]
    }

    private func check(
        _ run: StoredRun, _ number: Int, _ sources: inout Sources, _ violations: inout [InvariantViolation]
    ) {
        let rule = "a run is in exactly one place"
        switch run.place {
        case .delayed(_, let ticket):
            sources.scheduled[ticket] = .run(number)
        case .queued(let ticket):
            let item = ReadyList.Item(ticket: ticket, run: number, type: run.type)
            if queues[run.queue]?.workflows.items[ticket] != item {
                violations.append(.init(rule, finding: "it is queued and not in its queue", run: run.id))
            }
            sources.ready.insert(ticket)
        case .leased(let lease):
            sources.scheduled[lease.ticket] = .workflowLease(run: number)
            sources.held[lease.worker, default: [:]][run.nonce] = .workflow(run: number)
        case .idle, .paused: break
        case .blocked:
            if !blocked.contains(number) {
                violations.append(.init(rule, finding: "it is blocked and not listed as such", run: run.id))
            }
        case .closed:
            if !closed.contains(number) {
                violations.append(.init(rule, finding: "it is closed and not listed as such", run: run.id))
            }
        }
        for (operation, open) in run.operations.sorted(by: { $0.key < $1.key }) {
            check(operation, open, of: run, number, &sources, &violations)
        }
    }

    private func check(
        _ operation: Int, _ open: StoredOperation, of run: StoredRun, _ number: Int, _ sources: inout Sources,
        _ violations: inout [InvariantViolation]
    ) {
        let rule = "each open operation has exactly one source"
        switch (open.source, open.activity) {
        case (.timer(_, let ticket), nil):
            sources.scheduled[ticket] = .timer(run: number, operation: operation)
        case (.child(let workflowID, _), nil):
            let link = ParentLink(run: run.id, operation: operation)
            let child = newestByID[workflowID].flatMap { runs[$0] }
            let isOpen = child?.parent == link && child?.state.isClosed == false
            let messages = outbox.count { $0.begins(link) || $0.ends(link) }
            if messages + (isOpen ? 1 : 0) != 1 {
                let finding = "for operation \(operation) there are \(messages) messages, and its child is "
                violations.append(.init(rule, finding: finding + (isOpen ? "open" : "not open"), run: run.id))
            }
        case (.queued(let ticket, let timeout), let activity?):
            let item = ReadyList.Item(ticket: ticket, run: number, operation: operation, type: activity.name)
            if queues[activity.queue]?.activities.items[ticket] != item {
                let finding = "operation \(operation) is queued and not in its queue"
                violations.append(.init(rule, finding: finding, run: run.id))
            }
            sources.ready.insert(ticket)
            let mayTimeOut = activity.timeouts.scheduleToStart != nil || activity.closeDeadline != nil
            if mayTimeOut != (timeout != nil) {
                let finding = "operation \(operation) is queued and times out at \(timeout?.due.milliseconds ?? -1)"
                violations.append(.init(rule, finding: finding, run: run.id))
            }
            if let timeout {
                sources.scheduled[timeout.ticket] = .queuedActivity(run: number, operation: operation)
            }
        case (.leased(let lease), let activity?):
            sources.scheduled[lease.ticket] = .activityLease(run: number, operation: operation)
            sources.held[lease.worker, default: [:]][activity.nonce] = .activity(run: number, operation: operation)
        case (.delayed(_, let ticket), .some):
            sources.scheduled[ticket] = .attempt(run: number, operation: operation)
        case (.pending(_, let ticket), .some):
            sources.scheduled[ticket] = .pendingActivity(run: number, operation: operation)
        case (.blocked, .some):
            if !run.blockedOperations.contains(operation) {
                let finding = "operation \(operation) is blocked and not listed as such"
                violations.append(.init(rule, finding: finding, run: run.id))
            }
        case (.timer, .some), (.child, .some), (.queued, nil), (.leased, nil), (.delayed, nil), (.pending, nil),
            (.blocked, nil):
            let finding = "operation \(operation) is half an activity and half something else"
            violations.append(.init(rule, finding: finding, run: run.id))
        }
    }

    private func checkNothingIsLeft(by sources: Sources, _ violations: inout [InvariantViolation]) {
        let rule = "whatever can wake something belongs to a run or an open operation"
        if schedule.items != sources.scheduled {
            let odd = Set(schedule.items.keys).symmetricDifference(sources.scheduled.keys)
            violations.append(.init(rule, finding: "the schedule differs at tickets \(odd.sorted())"))
        }
        let ready = queues.values.flatMap { Array($0.workflows.items.keys) + Array($0.activities.items.keys) }
        if Set(ready) != sources.ready || ready.count != sources.ready.count {
            let odd = Set(ready).symmetricDifference(sources.ready)
            violations.append(.init(rule, finding: "the queues differ at tickets \(odd.sorted())"))
        }
        for (name, queue) in queues where !(queue.workflows.isConsistent && queue.activities.isConsistent) {
            violations.append(.init(rule, finding: "a task of queue “\(name)” is in no list, or in two"))
        }
        let held = held.mapValues { Dictionary(uniqueKeysWithValues: $0.map { ($0.key, $0.value) }) }
        if held != sources.held {
            violations.append(.init(rule, finding: "held are \(held), and leases say \(sources.held)"))
        }
    }

    private func checkIndexes(_ violations: inout [InvariantViolation]) {
        let rule = "indexes list what is there, once"
        if Set(closed).count != closed.count || closed.contains(where: { runs[$0]?.state.isClosed != true }) {
            violations.append(.init(rule, finding: "the closed runs are \(Array(closed))"))
        }
        let bytes = closed.reduce(0) { $0 + (runs[$1]?.retainedBytes ?? 0) }
        if bytes != closedBytes {
            let finding = "\(closedBytes) are counted, \(bytes) found"
            violations.append(.init("the bytes of the closed runs are counted", finding: finding))
        }
        if blocked.contains(where: { runs[$0]?.state != .blocked }) {
            violations.append(.init(rule, finding: "the blocked runs are \(Array(blocked))"))
        }
        let last = Dictionary(runs.map { (ExactName($0.value.id.workflowID), $0.key) }, uniquingKeysWith: max)
        if newestByID != last { violations.append(.init(rule, finding: "the newest runs are \(newestByID)")) }
        let asked = runs.values.count { $0.requestID != nil }
        if requests.count != asked || requests.values.contains(where: { runs[$0] == nil }) {
            violations.append(.init(rule, finding: "\(requests.count) requests started \(asked) runs"))
        }
        for run in runs.values {
            guard let successor = run.successor.map({ runs[$0] }) else { continue }
            if run.state != .continuedAsNew || successor.map({ $0.first != run.first }) ?? false {
                let finding = "it is \(run.state) and followed by run \(run.successor ?? 0)"
                violations.append(.init("a run that continued as new is in one row with the next", finding: finding))
            }
        }
        let open = runs.values.filter { !$0.state.isClosed }.map(\.id.workflowID)
        if Set(open.map(ExactName.init)).count != open.count {
            violations.append(.init("a workflow id has at most one open run", finding: "\(open.sorted())"))
        }
    }

    /// If there is work and workers that could take it, not all of them may sleep.
    private func checkWaking(_ violations: inout [InvariantViolation]) {
        for queue in queues.keys.map(\.text).sorted() {
            for kind in TaskKind.allCases {
                let able = workers.values.filter { worker in
                    worker.serves(queue) && worker.room(for: kind) > 0
                        && mayTake(worker, kind)
                }
                if !able.isEmpty, able.allSatisfy({ $0.isIdle && !$0.hasToken }) {
                    let finding = "\(kind) tasks wait in queue “\(queue)”"
                    violations.append(.init("a worker that could take a task doesn't sleep", finding: finding))
                }
            }
        }
    }
}

extension StoredRun {
    /// What is broken in a run alone.
    func violations() -> [InvariantViolation] {
        var violations: [InvariantViolation] = []
        func check(_ holds: Bool, _ rule: String, _ finding: @autoclosure () -> String) {
            if !holds { violations.append(InvariantViolation(rule, finding: finding(), run: id)) }
        }
        check(
            history.map(\.number) == Array(1..<history.count + 1), "entries are numbered without a gap",
            "\(history.map(\.number))")
        let times = history.map(\.time)
        check(times == times.sorted(), "times never go back", "\(times.map(\.milliseconds))")
        let last = history.last(where: \.isArrival)?.number ?? 0
        check(lastArrival == last, "lastArrival is the number of the last arrival", "\(lastArrival), not \(last)")
        check(through <= lastArrival, "through is an arrival", "\(through) of \(lastArrival)")
        if case .idle = place {
            check(lastArrival <= through, "an idle run has seen everything", "\(through) of \(lastArrival)")
            check(blockedOperations.isEmpty, "a run with a blocked activity isn't idle", "\(blockedOperations)")
        }
        switch place {
        case .paused:
            check(isPaused, "a paused run waits to be resumed", "it doesn't")
            check(blockedOperations.isEmpty, "a run with a blocked activity isn't paused", "\(blockedOperations)")
        case .queued, .idle, .closed:
            check(!isPaused, "a run that is not to be moved rests as paused", "\(state)")
        case .delayed, .leased, .blocked:
            break
        }
        if case .closed = place {
            check(operations.isEmpty, "nothing of a closed run is open", "\(operations.keys.sorted())")
        }
        check(state.isClosed == (closedAt != nil), "a closed run has an end", "\(state) and closedAt don't agree")
        let resolutions: [HistoryEntry.Kind] = [
            .activityCompleted, .activityFailed, .timerFired, .childCompleted, .childFailed,
        ]
        let resolved = history.filter { resolutions.contains($0.kind) }.map(\.reference)
        check(Set(resolved).count == resolved.count, "an operation is resolved once", "\(resolved)")
        return violations
    }
}
