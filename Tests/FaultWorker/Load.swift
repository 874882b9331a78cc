package import Reprise

/// A run with a bit of everything, whose sum and whose operations are known beforehand: activities and timers in turn, a
/// fan-out, a signal with a handler and one that is taken, and every third time a child.
package final class Load: Workflow {
    package struct Input: Codable, Sendable {
        package var seed: Int
        package var steps: Int
        package var width: Int
        /// How long each activity of the fan-out takes at least; then it heartbeats.
        package var toil: Int

        package init(seed: Int, steps: Int = 3, width: Int = 4, toil: Int = 0) {
            self.seed = seed
            self.steps = steps
            self.width = width
            self.toil = toil
        }
    }

    @Variable var sum = 0
    @Variable var bonus: Int?
    private let input: Input

    package init(input: Input) { self.input = input }

    package func run(_ context: WorkflowContext) async throws -> Int {
        for step in 0..<input.steps {
            sum += try await context.execute(Activities.add, input.addend(step))
            try await context.sleep(for: .milliseconds(input.pause(step)))
        }
        let activity = input.toil > 0 ? Activities.toil : Activities.add
        let handles = (0..<input.width).map { context.start(activity, input.addend(input.steps + $0)) }
        for handle in handles { sum += try await handle.value }
        sum += try await context.receive(Self.approved)
        try await context.wait { self.bonus != nil }
        if input.hasChild {
            // Not named as its parent: the ledger doesn't count it.
            let twig = Twig.Input(addend: input.addend(-1))
            sum += try await context.executeChild(Twig.self, id: "twig-\(input.seed)", twig)
        }
        return sum + (bonus ?? 0)
    }

    package func addBonus(_ amount: Int) { bonus = (bonus ?? 0) + amount }
    package static let addBonus = Signal("addBonus", Load.addBonus)
    package static let approved = Signal<Load, Int>("approved")
    package static var handlers: [Handler<Load>] {
        addBonus
        approved
    }
}

extension Load.Input {
    /// What the activity of an index gets.
    package func addend(_ index: Int) -> Activities.Addend {
        let mixed = (seed &* 7919 &+ index &* 104_729) & 0xFFFF
        return Activities.Addend(
            amount: mixed % 1000, milliseconds: (index < steps ? 0 : toil) + (mixed % 97 == 0 ? 150 : mixed % 12),
            failsFirst: mixed % 7 == 0)
    }

    var hasChild: Bool { seed.isMultiple(of: 3) }

    func pause(_ step: Int) -> Int { 20 + (seed &+ step &* 37) % 180 }

    /// What is sent with `approved`.
    package var approvedAmount: Int { 10_000 + seed }
    /// What is sent with `addBonus`.
    package var bonusAmount: Int { 1_000_000 }

    /// What the run returns.
    package var expectedSum: Int {
        (0..<steps + width).reduce(approvedAmount + bonusAmount + (hasChild ? addend(-1).amount : 0)) {
            $0 + addend($1).amount
        }
    }

    /// The operation numbers of its activities: an activity and a timer in turn, then the fan-out.
    package var activities: [Int] { (0..<steps).map { 2 * $0 } + (0..<width).map { 2 * steps + $0 } }
    /// The operation numbers of its timers.
    package var timers: [Int] { (0..<steps).map { 2 * $0 + 1 } }
}
