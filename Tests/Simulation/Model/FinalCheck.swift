import Logging
import Reprise

/// What must be true when all has ended.
struct FinalCheck {
    let world: World
    private static let workflows: [any Workflow.Type] = [
        Chain.self, Fan.self, Purchase.self, Race.self, Collector.self, Tally.self, Leaf.self, Family.self,
        Recorder.self, Nap.self,
        Webhook.self,
    ]

    func run() async {
        for violation in world.store.checkInvariants() { world.fail("\(violation)") }
        for mismatch in world.ledger.mismatches { world.fail(mismatch) }
        var seen: Set<String> = []
        for run in world.store.allRuns {
            await check(run, isFirst: seen.insert(run.workflowID).inserted)
        }
    }

    /// - Parameter isFirst: whether it is the first of its workflow id.
    private func check(_ run: RunID, isFirst: Bool) async {
        do {
            let description = try await world.store.describe(workflowID: run.workflowID, runNumber: run.number)
            if !description.state.isClosed { world.fail("run \(run) is \(description.state) for ever") }
            // Those of a family that are left behind have the policy in their ids.
            if isFirst, let dash = run.workflowID.lastIndex(of: "-") {
                check(description, leftWith: String(run.workflowID[dash...].dropFirst()))
            }
            let history = try await world.store.wholeHistory(of: run)
            world.observer.check(history, of: run)
            for entry in history where entry.kind == .activityCompleted {
                let key = "\(run)/\(entry.reference)"
                if world.ledger.entries[key] == nil { world.fail("activity \(key) has a result and never ran") }
            }
            replay(history, description)
        } catch {
            world.fail("run \(run) can't be read: \(error)")
        }
    }

    private func check(_ description: RunDescription, leftWith policy: String) {
        let states: [RunState] =
            switch policy {
            case "abandon": [.completed]
            case "cancel": [.completed, .cancelled]
            default: [.completed, .terminated]
            }
        if !states.contains(description.state) {
            world.fail("child \(description.run), left with the policy \(policy), is \(description.state)")
        }
    }

    /// A new process comes to the same decisions.
    private func replay(_ history: [HistoryEntry], _ description: RunDescription) {
        guard let type = FinalCheck.workflows.first(where: { $0.name == description.type }) else { return }
        let engine = ReplayEngine(
            run: description.run, workflow: WorkflowRegistration(type), version: description.version,
            queue: description.queue, codec: PayloadCodec(converter: JSONDataConverter(), limit: 1 << 20),
            logger: Logger(label: "") { _ in SwiftLogNoOpLogHandler() })
        engine.replay(history, committedThrough: description.through)
        if let failure = engine.failure { world.fail("run \(description.run) doesn't replay: \(failure)") }
        engine.evict()
    }
}
