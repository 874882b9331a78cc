import Foundation
import Reprise
import Testing

private enum Work {
    static let endless = Activity<Void, String>("endless")
    static let beating = Activity<Void, Int>(
        "beating", retry: .fixed(.milliseconds(1), attempts: 2), heartbeat: .milliseconds(1500))
    static let silent = Activity<Void, Int>("silent", heartbeat: .milliseconds(50))
    static let hopeless = Activity<Void, Int>(
        "hopeless", retry: .fixed(.milliseconds(100), jitter: 0), scheduleToClose: .milliseconds(250))
    static let unserved = Activity<Void, Int>("unserved", scheduleToStart: .milliseconds(50))
    static let outside = Activity<Void, String>("outside")
    static let brief = Activity<Void, String>("brief", timeout: .milliseconds(100))
}

private struct Declined: Error, Codable, Equatable { var code: Int }

private enum Way: String, Codable, CaseIterable { case timeout, group, cancel, close }

/// Begins an activity that ends when it is cancelled only, and comes to want it no more.
private final class Leaving: Workflow {
    static let go = Signal<Leaving, Void>("go")
    private let input: Way
    init(input: Way) { self.input = input }

    func run(_ context: WorkflowContext) async throws -> String {
        switch input {
        case .timeout:
            do {
                return try await context.withTimeout(.milliseconds(50)) { try await context.execute(Work.endless) }
            } catch is TimedOut { try await context.receive(Self.go) }
        case .group:
            await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await context.execute(Work.endless) }
                try? await context.sleep(for: .milliseconds(50))
                group.cancelAll()
            }
            try await context.receive(Self.go)
        case .cancel: try await context.execute(Work.endless)
        case .close:
            _ = context.start(Work.endless)
            try await context.receive(Self.go)
        }
        return "left"
    }
}

/// What became of one activity.
private final class Reporting: Workflow {
    private let input: String
    init(input: String) { self.input = input }
    func run(_ context: WorkflowContext) async throws -> String {
        do {
            switch input {
            case "beating": return "\(try await context.execute(Work.beating))"
            case "silent": return "\(try await context.execute(Work.silent))"
            case "hopeless": return "\(try await context.execute(Work.hopeless))"
            case "unserved": return "\(try await context.execute(Work.unserved))"
            case "outside": return try await context.execute(Work.outside)
            default: return try await context.execute(Work.brief)
            }
        } catch let failure as ActivityFailure {
            return "\(failure.type) \(failure.cause?.type ?? "alone")"
        }
    }
}

@Suite struct AttemptTests {
    @Test(arguments: BackendKind.allCases, Way.allCases)
    fileprivate func `An activity that nobody waits for any more is cancelled, and knows why`(
        _ kind: BackendKind, _ way: Way
    ) async throws {
        try await Site.with(kind) { site in
            let (began, ended) = (Gate(), Gate())
            let reasons = Recorder<CancellationReason?>()
            try await site.withWorker {
                Leaving.self
                Work.endless.implement { context in
                    began.open()
                    defer { ended.open() }
                    do { try await Task.sleep(for: .seconds(3600)) } catch {
                        reasons.add(context.cancellationReason)
                        throw error
                    }
                    return "slept"
                }
            } during: {
                let handle = try await site.client.start(Leaving.self, id: "leaving", way)
                await began.wait()
                switch way {
                case .cancel: try await handle.cancel()
                case .close: try await handle.signal(Leaving.go)
                case .timeout, .group: break
                }
                // While the run is open, where it stays open.
                await ended.wait()
                if way == .timeout || way == .group { try await handle.signal(Leaving.go) }
                _ = try await handle.wait(until: \.state.isClosed, timeout: .patience)
            }
            #expect(reasons.all == [way == .close ? .runClosed : .requested])
        }
    }

    @Test(arguments: BackendKind.allCases)
    func `An attempt reads what the one before told by its last heartbeat, and the first finds nothing`(
        _ kind: BackendKind
    ) async throws {
        try await Site.with(kind) { site in
            let read = Recorder<Int?>()
            try await site.withWorker {
                Reporting.self
                Work.beating.implement { context in
                    let details = try context.heartbeatDetails(as: Int.self)
                    read.add(details)
                    guard details == nil else { return details ?? 0 }
                    // Longer than the heartbeat timeout.
                    for beat in 1...50 {
                        try context.heartbeat(beat)
                        try await Task.sleep(for: .milliseconds(40))
                    }
                    throw Declined(code: 1)
                }
            } during: {
                let handle = try await site.client.start(Reporting.self, id: "beating", "beating")
                #expect(try await handle.result(timeout: .patience) == "50")
            }
            #expect(read.all == [nil, 50])
        }
    }

    @Test(arguments: BackendKind.allCases, ["silent", "hopeless", "unserved"])
    func `Each timeout says which it is, and what came before it`(_ kind: BackendKind, _ which: String) async throws {
        try await Site.with(kind) { site in
            let release = Gate()
            try await site.withWorker {
                Reporting.self
                Work.silent.implement {
                    await release.wait()
                    return 1
                }
                Work.hopeless.implement { throw Declined(code: 1) }
            } during: {
                let handle = try await site.client.start(Reporting.self, id: which, which)
                let expected = [
                    "silent": "HeartbeatTimeout alone", "hopeless": "ScheduleToCloseTimeout Declined",
                    "unserved": "ScheduleToStartTimeout alone",
                ]
                #expect(try await handle.result(timeout: .patience) == expected[which])
                release.open()
            }
        }
    }

    @Test(arguments: BackendKind.allCases)
    func `An activity is completed and failed from outside by its token, once`(_ kind: BackendKind) async throws {
        try await Site.with(kind) { site in
            let tokens = Recorder<String>()
            try await site.withWorker(WorkerOptions(maxConcurrentActivities: 1)) {
                Reporting.self
                Work.outside.implement { (context: ActivityContext) async throws -> String in
                    tokens.add(context.completionToken.description)
                    try context.completeLater()
                }
            } during: {
                // The slot is free again: both wait at once.
                let one = try await site.client.start(Reporting.self, id: "one", "outside")
                try await site.until("the first waits") { tokens.all.count == 1 }
                let two = try await site.client.start(Reporting.self, id: "two", "outside")
                try await site.until("the second waits") { tokens.all.count == 2 }
                let (first, second) = (try ActivityToken(tokens.all[0]), try ActivityToken(tokens.all[1]))
                #expect([first.run, second.run] == [one.run, two.run])
                try await site.client.heartbeat(second)
                try await site.client.complete(Work.outside, first, with: "by hand")
                #expect(try await one.result(timeout: .patience) == "by hand")
                try await site.client.fail(second, with: Declined(code: 2))
                #expect(try await two.result(timeout: .patience) == "Declined alone")
                for token in [first, second] {
                    await #expect(throws: ActivityTokenExpired.self) {
                        try await site.client.complete(Work.outside, token, with: "again")
                    }
                }
            }
        }
    }

    @Test(arguments: BackendKind.allCases)
    func `A token is no good after a timeout, and after its run has closed`(_ kind: BackendKind) async throws {
        try await Site.with(kind) { site in
            let tokens = Recorder<ActivityToken>()
            let implementation: @Sendable (ActivityContext) async throws -> String = { context in
                tokens.add(context.completionToken)
                try context.completeLater()
            }
            try await site.withWorker {
                Reporting.self
                Work.brief.implement(implementation)
                Work.outside.implement(implementation)
            } during: {
                let late = try await site.client.start(Reporting.self, id: "late", "brief")
                #expect(try await late.result(timeout: .patience) == "StartToCloseTimeout alone")
                let closed = try await site.client.start(Reporting.self, id: "closed", "outside")
                try await site.until("it waits") { tokens.all.count == 2 }
                try await closed.terminate()
                for token in tokens.all {
                    await #expect(throws: ActivityTokenExpired.self) {
                        try await site.client.complete(Work.outside, token, with: "late")
                    }
                    await #expect(throws: ActivityTokenExpired.self) {
                        try await site.client.fail(token, with: Declined(code: 3))
                    }
                    await #expect(throws: ActivityTokenExpired.self) {
                        try await site.client.heartbeat(token)
                    }
                }
            }
        }
    }
}
