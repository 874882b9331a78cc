import Foundation
import Reprise
import Synchronization
import Testing

private let charge = Activity<Int, Int>("charge")

/// Counts to a number, a little while each.
private final class Counting: Workflow {
    private let input: Int
    init(input: Int) { self.input = input }
    @Variable var count = 0

    func run(_ context: WorkflowContext) async throws -> Int {
        while count < input {
            // Of a long count, the first takes long enough to be paused before its time.
            try await context.sleep(for: count == 0 && input > 2 ? .seconds(3) : .milliseconds(10))
            count += 1
        }
        return count
    }
}

/// Takes as long for its first turn as a test wants, then charges.
private final class Slow: Workflow {
    /// What one test and its workflow tell each other.
    final class Turn: Sendable {
        let hasBegun = Gate()
        private let mayEnd = Mutex(false)

        func end() { mayEnd.withLock { $0 = true } }
        func waitForEnd() { while !mayEnd.withLock({ $0 }) { Thread.sleep(forTimeInterval: 0.001) } }
    }

    static let turns = Mutex<[String: Turn]>([:])
    private let input: String
    init(input: String) { self.input = input }

    func run(_ context: WorkflowContext) async throws -> Int {
        if let turn = Self.turns.withLock({ $0[input] }) {
            turn.hasBegun.open()
            turn.waitForEnd()
        }
        return try await context.execute(charge, 7)
    }
}

private final class Collecting: Workflow {
    static let number = Signal<Collecting, Int>("number")
    func run(_ context: WorkflowContext) async throws -> [Int] {
        var numbers: [Int] = []
        while numbers.count < 10 { numbers.append(try await context.receive(Self.number)) }
        return numbers
    }
}

private final class Busy: Workflow {
    static let unknown = Activity<Void, String>("unknown")
    private let input: Duration
    init(input: Duration) { self.input = input }
    func run(_ context: WorkflowContext) async throws -> String {
        try await context.race(
            { try await context.execute(Self.unknown) },
            {
                try await context.sleep(for: self.input)
                return "slept"
            })
    }
}

@Suite struct ControlTests {
    @Test(arguments: BackendKind.allCases)
    func `A paused run takes no step while its timer fires, and goes on where it was when it is resumed`(
        _ kind: BackendKind
    ) async throws {
        try await Site.with(kind) { site in
            try await site.withWorker {
                Counting.self
            } during: {
                let handle = try await site.client.start(Counting.self, id: "counts", 5)
                try await handle.wait(until: { $0.state == .idle }, timeout: .patience)
                try await handle.pause()
                let paused = try await handle.wait(
                    until: { $0.state == .paused && $0.lastArrival > $0.through }, timeout: .patience)
                #expect(paused.state == .paused)
                let before = try await site.debugger.variables(of: Counting.self, id: "counts")

                // The worker works meanwhile.
                let other = try await site.client.start(Counting.self, id: "other", 2)
                #expect(try await other.result(timeout: .patience) == 2)
                #expect(try await handle.describe() == paused)
                let after = try await site.debugger.variables(of: Counting.self, id: "counts")
                #expect(after.json == before.json)

                try await handle.resume()
                #expect(try await handle.result(timeout: .patience) == 5)
                let fired = try await site.backend.history(of: handle.run, after: 0, limit: 100).filter {
                    $0.kind == .timerFired
                }
                #expect(fired.count == 5)
            }
        }
    }

    @Test(arguments: BackendKind.allCases)
    func `Termination while a turn is in progress: the turn has no effect, and the worker goes on`(
        _ kind: BackendKind
    ) async throws {
        let turn = Slow.Turn()
        let key = UUID().uuidString
        Slow.turns.withLock { $0[key] = turn }
        try await Site.with(kind) { site in
            let charges = Gauge()
            try await site.withWorker {
                Slow.self
                charge.implement { amount in
                    charges.enter()
                    return amount
                }
            } during: {
                defer { turn.end() }
                let handle = try await site.client.start(Slow.self, id: "slow", key)
                await turn.hasBegun.wait()
                try await handle.terminate(reason: "started by mistake")
                let failure = try await #require(throws: WorkflowFailure.self) {
                    try await handle.result(timeout: .patience)
                }
                #expect(failure.type == "Terminated")
                #expect(failure.message == "started by mistake")
                turn.end()

                let other = try await site.client.start(Slow.self, id: "other", "")
                #expect(try await other.result(timeout: .patience) == 7)
                #expect(charges.total == 1)
                let kinds = try await site.backend.history(of: handle.run, after: 0, limit: 10).map(\.kind)
                #expect(kinds == [.started, .terminated])
                let late = try await #require(throws: BackendError.self) { try await handle.pause() }
                #expect(late.code == .runClosed)
            }
        }
    }

    @Test(arguments: BackendKind.allCases)
    func `A paused run and a sleeping one are terminated, and their ids are free`(_ kind: BackendKind) async throws {
        try await Site.with(kind) { site in
            try await site.withWorker {
                Counting.self
            } during: {
                for isPaused in [true, false] {
                    let handle = try await site.client.start(Counting.self, id: "counts", 1_000_000)
                    try await handle.wait(until: { $0.state == .idle }, timeout: .patience)
                    if isPaused {
                        try await handle.pause()
                        try await handle.wait(until: { $0.state == .paused }, timeout: .patience)
                    }
                    try await handle.terminate(reason: "enough")
                    #expect(try await handle.describe().outcome == .terminated(reason: "enough"))
                }
                let next = try await site.client.start(Counting.self, id: "counts", 1)
                #expect(try await next.result(timeout: .patience) == 1)
            }
        }
    }

    @Test(arguments: BackendKind.allCases)
    func `A delayed start that is cancelled ends at once, and says why`(_ kind: BackendKind) async throws {
        try await Site.with(kind) { site in
            let later = StartOptions(startAt: Date.now.addingTimeInterval(3600))
            let handle = try await site.client.start(Counting.self, id: "later", 1, options: later)
            try await handle.cancel(reason: "no need")
            let failure = try await #require(throws: WorkflowFailure.self) {
                try await handle.result(timeout: .patience)
            }
            #expect(failure.type == "Cancelled")
            #expect(failure.message == "no need")
            #expect(try await handle.describe().state == .cancelled)
        }
    }

    @Test(arguments: BackendKind.allCases)
    func `A paused run takes no turn and keeps its signals, and goes on in their order when it is resumed`(
        _ kind: BackendKind
    ) async throws {
        try await Site.with(kind) { site in
            // One is paused before its first turn, one where it waits.
            let early = try await site.client.start(Collecting.self, id: "early")
            try await early.pause()
            try await site.withWorker {
                Collecting.self
            } during: {
                let late = try await site.client.start(Collecting.self, id: "late")
                try await late.wait(until: { $0.state == .idle }, timeout: .patience)
                try await late.signal(Collecting.number, 0)
                try await late.wait(until: { $0.through == 2 }, timeout: .patience)
                try await late.pause()
                let other = try await site.client.start(Collecting.self, id: "other")
                for number in 0..<10 {
                    try await early.signal(Collecting.number, number)
                    if number > 0 { try await late.signal(Collecting.number, number) }
                    try await other.signal(Collecting.number, number)
                }
                // The worker is there and works.
                #expect(try await other.result(timeout: .patience) == Array(0..<10))
                for (handle, through) in [(early, 0), (late, 2)] {
                    let description = try await handle.describe()
                    #expect(description.state == .paused)
                    #expect(description.through == through)
                    #expect(description.lastArrival == 11)
                    try await handle.resume()
                    #expect(try await handle.result(timeout: .patience) == Array(0..<10))
                }
            }
        }
    }

    @Test(arguments: BackendKind.allCases)
    func `A terminated run is over at once with the reason, nothing of it is left, and its id is free`(
        _ kind: BackendKind
    ) async throws {
        try await Site.with(kind) { site in
            try await site.withWorker {
                Busy.self
            } during: {
                let first = try await site.client.start(Busy.self, id: "busy", .seconds(3600))
                try await first.wait(until: { $0.state == .idle }, timeout: .patience)
                try await first.terminate(reason: "a mistake")
                #expect(try await site.nextDue() == nil)
                let second = try await site.client.start(Busy.self, id: "busy", .milliseconds(1))
                #expect(try await second.result(timeout: .patience) == "slept")
                // The first run's end stays its own.
                let failure = try await #require(throws: WorkflowFailure.self) {
                    try await first.result(timeout: .patience)
                }
                #expect(failure.type == "Terminated")
                #expect(failure.message == "a mistake")
                #expect(try await first.describe().state == .terminated)
                #expect(try await site.history(of: first.run).map(\.kind) == [.started, .turn, .terminated])
            }
        }
    }
}
