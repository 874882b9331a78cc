import Foundation
import Reprise
import Testing

private let pack = Activity<Int, String>("pack")

private struct SoldOut: Error, Codable, Equatable { var item: Int }

private final class Parcel: Workflow {
    static let address = Signal<Parcel, String>("address")
    struct Input: Codable, Sendable { var item: Int; var needsAddress = false; var days = 0 }
    private let input: Input
    init(input: Input) { self.input = input }
    @Variable var to = "nobody"

    func run(_ context: WorkflowContext) async throws -> String {
        if input.needsAddress { to = try await context.receive(Self.address) }
        if input.days > 0 { try await context.sleep(for: .days(input.days)) }
        return "\(try await context.execute(pack, input.item)) to \(to)"
    }
}

/// Starts children in another queue, and talks to one.
private final class Order: Workflow {
    private let input: [Int]
    init(input: [Int]) { self.input = input }

    func run(_ context: WorkflowContext) async throws -> [String] {
        let options = ChildOptions(queue: "docks", version: "v1")
        let first = context.startChild(
            Parcel.self, id: "parcel-\(context.info.workflowID)", .init(item: 0, needsAddress: true), options: options)
        try first.signal(Parcel.address, "Ada")
        let rest = try await context.map(input) {
            try await context.executeChild(Parcel.self, .init(item: $0), options: options)
        }
        return [try await first.value] + rest
    }
}

/// What it sees of a child that can't do it.
private final class Doubtful: Workflow {
    func run(_ context: WorkflowContext) async throws -> String {
        try await context.executeChild(Parcel.self, id: "doubtful", .init(item: -1))
    }
}

/// Leaves three children behind, one of each policy.
private final class Careless: Workflow {
    func run(_ context: WorkflowContext) async throws -> String {
        for policy in [ParentClosePolicy.terminate, .cancel, .abandon] {
            _ = context.startChild(
                Parcel.self, id: "\(policy)", .init(item: 1, days: 30), options: .init(parentClosePolicy: policy))
        }
        try await context.sleep(for: .milliseconds(200))
        return "gone"
    }
}

@Suite struct ChildTests {
    @Test(arguments: BackendKind.allCases)
    func `Children run in another queue, take signals, and their results come back in order`(
        _ kind: BackendKind
    ) async throws {
        try await Site.with(kind) { site in
            try await site.withWorker {
                Order.self
            } during: {
                try await site.withWorker(queue: "docks") {
                    Parcel.self
                    pack.implement { "parcel \($0)" }
                } during: {
                    let order = try await site.client.start(Order.self, id: "o", [1, 2, 3])
                    #expect(
                        try await order.result(timeout: .patience) == [
                            "parcel 0 to Ada", "parcel 1 to nobody", "parcel 2 to nobody", "parcel 3 to nobody",
                        ])
                    let child = try await site.client.describe(id: "parcel-o")
                    #expect(child.parent == order.run)
                    #expect(child.version == "v1")
                    #expect(child.queue == "docks")
                }
            }
        }
    }

    @Test(arguments: BackendKind.allCases)
    func `What a child's activity threw is found at the client, through the chain of causes`(
        _ kind: BackendKind
    ) async throws {
        try await Site.with(kind) { site in
            try await site.withWorker {
                Doubtful.self
                Parcel.self
                pack.implement { throw SoldOut(item: $0) }
            } during: {
                let handle = try await site.client.start(Doubtful.self, id: "d")
                do {
                    _ = try await handle.result(timeout: .patience)
                    Issue.record("it did not fail")
                } catch let failure as WorkflowFailure {
                    let child = try #require(failure.details(as: ChildWorkflowFailure.self))
                    #expect(child.workflowID == "doubtful")
                    #expect(failure.cause?.details(as: ActivityFailure.self)?.activity == "pack")
                    #expect(failure.cause?.cause?.details(as: SoldOut.self) == SoldOut(item: -1))
                }
            }
        }
    }

    @Test(arguments: BackendKind.allCases)
    func `A closing parent terminates, cancels or leaves its children, as each one's policy says`(
        _ kind: BackendKind
    ) async throws {
        try await Site.with(kind) { site in
            try await site.withWorker {
                Careless.self
                Parcel.self
            } during: {
                let handle = try await site.client.start(Careless.self, id: "c")
                #expect(try await handle.result(timeout: .patience) == "gone")
                for (id, state) in [("terminate", RunState.terminated), ("cancel", .cancelled)] {
                    let child = try await site.client.handle(Parcel.self, id: id)
                    #expect(try await child.wait(until: \.state.isClosed, timeout: .patience).state == state)
                }
                let abandoned = try await site.client.handle(Parcel.self, id: "abandon")
                #expect(try await abandoned.describe().state == .idle)
                try await abandoned.terminate(reason: "the test is over")
            }
        }
    }

    @Test(arguments: BackendKind.allCases)
    func `A child whose id is taken is not started, and the parent hears of it`(_ kind: BackendKind) async throws {
        try await Site.with(kind) { site in
            try await site.withWorker {
                Doubtful.self
            } during: {
                let other = try await site.client.start(
                    Parcel.self, id: "doubtful", .init(item: 1), options: .init(queue: "nobody"))
                let handle = try await site.client.start(Doubtful.self, id: "d")
                do {
                    _ = try await handle.result(timeout: .patience)
                    Issue.record("it did not fail")
                } catch let failure as WorkflowFailure {
                    #expect(failure.details(as: ChildWorkflowFailure.self)?.type == FailureRecord.alreadyRunning)
                }
                try await other.terminate(reason: "the test is over")
            }
        }
    }
}
