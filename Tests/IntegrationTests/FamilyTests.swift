import Foundation
import Reprise
import Testing

private enum Work {
    static let mark = Activity<String, String>("mark")
}

/// Waits to be told to go on, and returns what it was told.
private final class Waiting: Workflow {
    static let go = Signal<Waiting, String>("go")
    func run(_ context: WorkflowContext) async throws -> [String] {
        [try await context.receive(Self.go), try await context.receive(Self.go)]
    }
}

private final class Doubling: Workflow {
    private let input: Int
    init(input: Int) { self.input = input }
    func run(_ context: WorkflowContext) async throws -> Int { input * 2 }
}

/// One id for several children.
private final class Reusing: Workflow {
    func run(_ context: WorkflowContext) async throws -> [String] {
        var seen: [String] = []
        for value in 1...2 { seen.append("\(try await context.executeChild(Doubling.self, id: "reused", value))") }
        let first = context.startChild(Waiting.self, id: "taken")
        do { try await context.executeChild(Waiting.self, id: "taken") } catch let failure as ChildWorkflowFailure {
            seen.append(failure.type)
        }
        for word in ["foo", "bar"] { try first.signal(Waiting.go, word) }
        return seen + (try await first.value)
    }
}

/// Starts a child and takes it back in the same turn.
private final class Hesitant: Workflow {
    func run(_ context: WorkflowContext) async throws -> String {
        let child = context.startChild(Waiting.self, id: "unborn")
        child.cancel()
        try await context.sleep(for: .milliseconds(1))
        do { return try await child.value.joined() } catch { return "\(type(of: error))" }
    }
}

private final class Sleeper: Workflow {
    func run(_ context: WorkflowContext) async throws -> String {
        try await context.sleep(for: .seconds(3600))
        return try await context.execute(Work.mark, "awake")
    }
}

/// Parents of sleepers, of different patience.
private final class Parent: Workflow {
    struct Input: Codable, Sendable {
        var children = 1
        var timeout: Duration?
        var swallows = false
        var policy = ParentClosePolicy.terminate
    }
    @Variable var ended: [String] = []
    private let input: Input
    init(input: Input) { self.input = input }

    func run(_ context: WorkflowContext) async throws -> [String] {
        let handles = (0..<input.children).map { index in
            context.startChild(
                Sleeper.self, id: "\(context.info.workflowID)-\(index)",
                options: .init(parentClosePolicy: input.policy))
        }
        do {
            try await context.withTimeout(input.timeout ?? .days(1)) {
                for handle in handles { _ = try await handle.value }
            }
        } catch  where input.swallows {
            ended.append("\(type(of: error))")
        }
        return ended
    }
}

/// A generation above: its child starts a child of its own, and may be gone before it.
private final class Grandparent: Workflow {
    struct Input: Codable, Sendable {
        var leavesEarly: Bool
        var policy: ParentClosePolicy
    }
    private let input: Input
    init(input: Input) { self.input = input }

    func run(_ context: WorkflowContext) async throws {
        try await context.executeChild(Middle.self, id: "middle", input)
        try await context.sleep(for: .seconds(3600))
    }

    final class Middle: Workflow {
        static let leave = Signal<Middle, Void>("leave")
        private let input: Input
        init(input: Input) { self.input = input }
        func run(_ context: WorkflowContext) async throws {
            let child = context.startChild(
                Sleeper.self, id: "youngest", options: .init(parentClosePolicy: input.policy))
            // Its parent leaves when it is told that the child is there.
            if input.leavesEarly { try await context.receive(Self.leave) } else { _ = try await child.value }
        }
    }
}

@Suite struct FamilyTests {
    @Test(arguments: BackendKind.allCases)
    func `A child's id is free again after its end, taken before, and its signals come in their order`(
        _ kind: BackendKind
    ) async throws {
        try await Site.with(kind) { site in
            try await site.withWorker {
                Reusing.self
                Doubling.self
                Waiting.self
            } during: {
                let handle = try await site.client.start(Reusing.self, id: "reusing")
                #expect(
                    try await handle.result(timeout: .patience)
                        == ["2", "4", FailureRecord.alreadyRunning, "foo", "bar"])
            }
        }
    }

    @Test(arguments: BackendKind.allCases)
    func `A child that is cancelled in the turn that starts it ends before it does anything`(_ kind: BackendKind)
        async throws
    {
        try await Site.with(kind) { site in
            try await site.withWorker {
                Hesitant.self
                Waiting.self
            } during: {
                let handle = try await site.client.start(Hesitant.self, id: "hesitant")
                #expect(try await handle.result(timeout: .patience) == "CancellationError")
                try await site.until("the child has ended") {
                    try await site.client.describe(id: "unborn").state == .cancelled
                }
                let child = try await site.client.handle(Waiting.self, id: "unborn")
                #expect(try await site.commands(of: child.run).map(\.kind) == [.cancelled])
            }
        }
    }

    @Test(arguments: BackendKind.allCases)
    func `A parent gives up on a child in time, and the child is asked to end`(_ kind: BackendKind) async throws {
        try await Site.with(kind) { site in
            try await site.withWorker {
                Parent.self
                Sleeper.self
            } during: {
                let input = Parent.Input(timeout: .milliseconds(20), swallows: true, policy: .abandon)
                let handle = try await site.client.start(Parent.self, id: "parent", input)
                #expect(try await handle.result(timeout: .patience) == ["TimedOut"])
                let child = try await site.client.handle(Sleeper.self, id: "parent-0")
                let ended = try await child.wait(until: \.state.isClosed, timeout: .patience)
                #expect(ended.state == .cancelled)
            }
        }
    }

    @Test(arguments: BackendKind.allCases)
    func `A parent that is cancelled takes 150 waiting children with it, and its history replays`(
        _ kind: BackendKind
    ) async throws {
        try await Site.with(kind) { site in
            try await site.withWorker {
                Parent.self
                Sleeper.self
            } during: {
                let input = Parent.Input(children: 150, swallows: true)
                let handle = try await site.client.start(Parent.self, id: "parent", input)
                try await site.until("all children wait") {
                    for index in 0..<150 {
                        guard try await site.client.describe(id: "parent-\(index)").through > 0 else { return false }
                    }
                    return true
                }
                try await handle.cancel(reason: "enough")
                #expect(try await handle.result(timeout: .patience) == ["CancellationError"])
                for index in 0..<150 {
                    let child = try await site.client.handle(Sleeper.self, id: "parent-\(index)")
                    try await child.wait(until: \.state.isClosed, timeout: .patience)
                }
                let variables = try await site.debugger.variables(of: Parent.self, id: "parent")
                #expect(try variables.value("ended", as: [String].self) == ["CancellationError"])
                #expect(try await site.nextDue() == nil)
            }
        }
    }

    @Test(arguments: BackendKind.allCases, [true, false])
    func `A terminated run takes its children's children with it, unless a policy leaves them`(
        _ kind: BackendKind, _ leavesEarly: Bool
    ) async throws {
        for policy in [ParentClosePolicy.terminate, .abandon] {
            try await Site.with(kind) { site in
                try await site.withWorker {
                    Grandparent.self
                    Grandparent.Middle.self
                    Sleeper.self
                } during: {
                    let input = Grandparent.Input(leavesEarly: leavesEarly, policy: policy)
                    let handle = try await site.client.start(Grandparent.self, id: "grandparent", input)
                    try await site.until("the grandchild is there") {
                        try await site.client.describe(id: "youngest").through > 0
                    }
                    let middle = try await site.client.handle(Grandparent.Middle.self, id: "middle")
                    if leavesEarly {
                        try await middle.signal(Grandparent.Middle.leave)
                        try await middle.result(timeout: .patience)
                    }
                    try await handle.terminate(reason: "the end")
                    let ended = try await middle.wait(until: \.state.isClosed, timeout: .patience)
                    // One that had ended stays as it was.
                    #expect(ended.state == (leavesEarly ? .completed : .terminated))
                    let youngest = try await site.client.handle(Sleeper.self, id: "youngest")
                    if policy == .terminate {
                        // By its own parent's end, whichever came to that.
                        let ended = try await youngest.wait(until: \.state.isClosed, timeout: .patience)
                        #expect(ended.state == .terminated)
                    } else {
                        #expect(try await youngest.describe().state == .idle)
                        try await youngest.terminate()
                    }
                }
            }
        }
    }

    @Test(arguments: BackendKind.allCases)
    func `A worker that stops while a parent waits for its child leaves both to another`(_ kind: BackendKind)
        async throws
    {
        try await Site.with(kind) { site in
            let handle = try await site.client.start(Parent.self, id: "parent", .init())
            try await site.withWorker {
                Parent.self
                Sleeper.self
            } during: {
                try await site.until("the child waits") {
                    try await site.client.describe(id: "parent-0").state == .idle
                }
                _ = try await handle.wait(until: { $0.state == .idle }, timeout: .patience)
            }
            try await site.withWorker {
                Parent.self
                Sleeper.self
            } during: {
                let child = try await site.client.handle(Sleeper.self, id: "parent-0")
                try await child.terminate(reason: "no more")
                let failure = try await #require(throws: WorkflowFailure.self) {
                    try await handle.result(timeout: .patience)
                }
                #expect(failure.cause?.type == "Terminated")
                #expect(failure.cause?.message == "no more")
            }
        }
    }
}
