import Foundation
import Reprise
import Testing

private enum Work {
    /// No worker here has it: it stays queued.
    static let unknown = Activity<Void, String>("unknown")
    static let quick = Activity<Void, String>("quick")
}

private final class Stopped: Workflow {
    enum Place: String, Codable, CaseIterable { case wait, sleep, receive, activity, siblings, timeout, child }
    static let never = Signal<Stopped, Void>("never")
    private let input: Place
    init(input: Place) { self.input = input }

    func run(_ context: WorkflowContext) async throws {
        switch input {
        case .wait: try await context.wait(deadline: .distantFuture) { false }
        case .sleep: try await context.sleep(for: .seconds(3600))
        case .receive: try await context.receive(Self.never)
        case .activity: try await context.execute(Work.unknown)
        case .siblings:
            async let one: Void = context.sleep(for: .seconds(3600))
            async let two = context.execute(Work.unknown)
            _ = try await (one, two)
        case .timeout: try await context.withTimeout(.seconds(3600)) { try await context.execute(Work.unknown) }
        case .child: try await context.executeChild(Sleeping.self)
        }
    }
}

private final class Sleeping: Workflow {
    func run(_ context: WorkflowContext) async throws { try await context.sleep(for: .seconds(3600)) }
}

private final class Stubborn: Workflow {
    func run(_ context: WorkflowContext) async throws -> String {
        do {
            try await context.sleep(for: .seconds(3600))
            return "slept"
        } catch is CancellationError {
            // What follows is cancelled, too, unless it is shielded.
            let unshielded = (try? await context.execute(Work.quick)) ?? "nothing"
            let shielded = try await context.withShield { try await context.execute(Work.quick) }
            return "\(context.cancellationReason ?? "") \(unshielded) \(shielded)"
        }
    }
}

private final class Brief: Workflow {
    func run(_ context: WorkflowContext) async throws -> String { try await context.execute(Work.quick) }
}

@Suite struct CancellationTests {
    @Test(arguments: BackendKind.allCases, Stopped.Place.allCases)
    fileprivate func `A run that is cancelled ends where it waits, with the reason, and nothing of it is left`(
        _ kind: BackendKind, _ place: Stopped.Place
    ) async throws {
        try await Site.with(kind) { site in
            // One is cancelled before its first turn, and one where it waits.
            let early = try await site.client.start(Stopped.self, id: "early", place)
            try await early.cancel(reason: "too soon")
            try await site.withWorker {
                Stopped.self
                Sleeping.self
            } during: {
                let late = try await site.client.start(Stopped.self, id: "late", place)
                try await late.wait(until: { $0.state == .idle }, timeout: .patience)
                try await late.cancel(reason: "enough")
                try await late.cancel(reason: "again")
                for (handle, reason) in [(early, "too soon"), (late, "enough")] {
                    let failure = try await #require(throws: WorkflowFailure.self) {
                        try await handle.result(timeout: .patience)
                    }
                    #expect(failure.type == "Cancelled")
                    #expect(failure.message == reason)
                    #expect(try await handle.describe().state == .cancelled)
                }
                // A child ends a little later.
                try await site.until("no timer is left") { try await site.nextDue() == nil }
            }
        }
    }

    @Test(arguments: BackendKind.allCases)
    func `A cancelled run may end as it likes, and what it shields runs to its end`(_ kind: BackendKind) async throws {
        try await Site.with(kind) { site in
            try await site.withWorker(WorkerOptions(maxCachedRuns: 0)) {
                Stubborn.self
                Work.quick.implement { "done" }
            } during: {
                let handle = try await site.client.start(Stubborn.self, id: "stubborn")
                try await handle.wait(until: { $0.state == .idle }, timeout: .patience)
                try await handle.cancel(reason: "please")
                #expect(try await handle.result(timeout: .patience) == "please nothing done")
                #expect(try await handle.describe().state == .completed)
            }
        }
    }

    @Test(arguments: BackendKind.allCases)
    func `A cancellation that comes with the result of an activity leaves a run completed or cancelled`(
        _ kind: BackendKind
    ) async throws {
        try await Site.with(kind) { site in
            try await site.withWorker {
                Brief.self
                Work.quick.implement { "done" }
            } during: {
                for index in 0..<20 {
                    let handle = try await site.client.start(Brief.self, id: "brief-\(index)")
                    try await handle.wait(until: { $0.lastEntry >= 2 }, timeout: .patience)
                    do { try await handle.cancel(reason: "now") } catch let error as BackendError {
                        #expect(error.code == .runClosed)
                    }
                    do {
                        #expect(try await handle.result(timeout: .patience) == "done")
                    } catch let failure as WorkflowFailure {
                        #expect(failure.message == "now")
                    }
                }
            }
        }
    }

    @Test(arguments: BackendKind.allCases)
    func `Who is unknown or has ended can't be cancelled`(_ kind: BackendKind) async throws {
        try await Site.with(kind) { site in
            try await site.withWorker {
                Brief.self
                Work.quick.implement { "done" }
            } during: {
                let handle = try await site.client.start(Brief.self, id: "brief")
                _ = try await handle.result(timeout: .patience)
                for call in [
                    { try await handle.cancel() }, { try await handle.terminate() }, { try await handle.pause() },
                ] {
                    let error = try await #require(throws: BackendError.self) { try await call() }
                    #expect(error.code == .runClosed)
                }
                let unknown = try await #require(throws: BackendError.self) {
                    try await site.backend.requestCancel(workflowID: "nobody", runNumber: nil, reason: "")
                }
                #expect(unknown.code == .runNotFound)
            }
        }
    }
}
