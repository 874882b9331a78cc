import Reprise

/// Texts that no store may see.
enum Secrets {
    static let input = "secret-input-Anna"
    static let activityInput = "secret-activity-input-Bert"
    static let activityOutput = "secret-activity-output-Cleo"
    static let error = "secret-error-Dora"
    static let details = "secret-details-Emil"
    static let retry = "secret-retry-Frida"
    static let heartbeat = "secret-heartbeat-Gerd"
    static let local = "secret-local-Hanna"
    static let sideEffect = "secret-side-effect-Ida"
    static let signal = "secret-signal-Jens"
    static let child = "secret-child-Karl"
    static let next = "secret-next-Mark"
    static let output = "secret-output-Nora"
    static let later = "secret-later-Otto"
    static let reason = "secret-reason-Paul"

    static let all = [
        input, activityInput, activityOutput, error, details, retry, heartbeat, local, sideEffect, signal, child, next,
        output, later, reason,
    ]
}

struct Declined: Error, Codable, Equatable, CustomStringConvertible {
    var details: String
    var description: String { Secrets.error }
}

enum Steps {
    static let work = Activity<String, String>(
        "work", retry: .fixed(.milliseconds(1), attempts: 2), heartbeat: .seconds(20))
    static let decline = Activity<String, String>(
        "decline", retry: .fixed(.milliseconds(1), attempts: 5, nonRetryable: ["Declined"]))
    static let local = Activity<String, String>("local")
    static let later = Activity<Void, String>("later")
}

/// Does all that puts something into a history.
final class Vault: Workflow {
    struct Input: Codable, Sendable {
        var secret: String
        var round = 1
    }

    static let go = Signal<Vault, String>("go")
    @Variable var seen: [String] = []
    private let input: Input
    init(input: Input) { self.input = input }

    func run(_ context: WorkflowContext) async throws -> String {
        seen.append(input.secret)
        guard input.round == 1 else { return Secrets.output }
        seen.append(try await context.execute(Steps.work, Secrets.activityInput))
        do { _ = try await context.execute(Steps.decline, Secrets.activityInput) } catch let failure as ActivityFailure
        {
            seen.append(failure.message)
            seen.append(failure.details(as: Declined.self)?.details ?? "none")
        }
        seen.append(try await context.executeLocally(Steps.local, Secrets.activityInput))
        seen.append(try context.sideEffect { Secrets.sideEffect })
        seen.append(try await context.executeChild(Child.self, Secrets.child))
        do { _ = try await context.executeChild(Child.self, "fail") } catch let failure as ChildWorkflowFailure {
            seen.append(failure.message)
            let activity = failure.details(as: ActivityFailure.self)
            seen.append(activity?.details(as: Declined.self)?.details ?? "none")
            seen.append(failure.cause?.message ?? "none")
        }
        seen.append(try await context.execute(Steps.later))
        seen.append(try await context.receive(Self.go))
        throw continueAsNew(with: Input(secret: Secrets.next, round: 2))
    }

    /// What the first run has seen when it ends.
    static let story = [
        Secrets.input, Secrets.activityOutput, Secrets.error, Secrets.details, Secrets.local,
        Secrets.sideEffect, Secrets.child, "activity decline failed: Declined: \(Secrets.error)", Secrets.details,
        Secrets.error, Secrets.later, Secrets.signal,
    ]

    final class Child: Workflow {
        static let name = "Vault.Child"
        private let input: String
        init(input: String) { self.input = input }
        func run(_ context: WorkflowContext) async throws -> String {
            if input == "fail" { return try await context.execute(Steps.decline, Secrets.activityInput) }
            return input
        }
    }
}

/// Waits until it is told or asked to end.
final class Waiter: Workflow {
    static let name = "waiter"
    enum Answer: String, Codable, Sendable { case yes, no }
    static let go = Signal<Waiter, Answer>("go")
    @Variable var number = 0
    private let input: String
    init(input: String) { self.input = input }
    func run(_ context: WorkflowContext) async throws -> String {
        let done = try await context.execute(Steps.work, input)
        number = 1
        let answer = try await context.receive(Self.go)
        return "\(done) \(answer)"
    }
}

/// A later build of ``Waiter``, which gives its activity another input.
final class OtherWaiter: Workflow {
    static let name = "waiter"
    static let go = Signal<OtherWaiter, String>("go")
    private let input: String
    init(input: String) { self.input = input }
    func run(_ context: WorkflowContext) async throws -> String {
        _ = try await context.execute(Steps.work, Secrets.next)
        return try await context.receive(Self.go)
    }
}
