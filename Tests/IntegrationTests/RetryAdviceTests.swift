import Foundation
import Reprise
import Testing

private enum Work {
    /// Its own delays are longer than any test.
    static let patient = Activity<Int, Int>("patient", retry: .fixed(.seconds(3600), attempts: 3))
    static let eager = Activity<Int, Int>("eager", retry: .fixed(.milliseconds(1), attempts: 9))
    static let picky = Activity<Int, Int>(
        "picky", retry: .fixed(.milliseconds(1), attempts: 9, nonRetryable: ["Declined"]))
}

private struct RateLimited: RetryAdvising {
    var retryAdvice: RetryAdvice { .after(.milliseconds(30)) }
}

private struct Hopeless: RetryAdvising {
    var retryAdvice: RetryAdvice { .never }
}

private struct Declined: Error {}
private struct ConnectionLost: Error {}

private final class Calling: Workflow {
    private let input: String
    init(input: String) { self.input = input }

    func run(_ context: WorkflowContext) async throws -> String {
        let activity = [Work.patient, Work.eager, Work.picky].first { $0.name == input }!
        do {
            return "attempt \(try await context.execute(activity, 0))"
        } catch let failure as ActivityFailure {
            return "\(failure.type) after \(failure.attempts)"
        }
    }
}

@Suite struct RetryAdviceTests {
    @Test(arguments: BackendKind.allCases)
    func `An error sets the delay before the next attempt, which counts`(_ kind: BackendKind) async throws {
        let result = try await result(kind, of: Work.patient) { context in
            if context.attempt < 3 { throw RateLimited() }
            return context.attempt
        }
        #expect(result == "attempt 3")
    }

    @Test(arguments: BackendKind.allCases)
    func `An error's delay gives no more attempts than the policy has`(_ kind: BackendKind) async throws {
        #expect(try await result(kind, of: Work.patient) { _ in throw RateLimited() } == "RateLimited after 3")
    }

    @Test(arguments: BackendKind.allCases)
    func `An error that is not worth a retry goes to the workflow at once`(_ kind: BackendKind) async throws {
        #expect(try await result(kind, of: Work.eager) { _ in throw Hopeless() } == "Hopeless after 1")
    }

    @Test(arguments: BackendKind.allCases)
    func `An error type that the policy names goes to the workflow at once`(_ kind: BackendKind) async throws {
        let result = try await result(kind, of: Work.picky) { context in
            if context.attempt == 1 { throw ConnectionLost() }
            throw Declined()
        }
        #expect(result == "Declined after 2")
    }

    @Test(arguments: BackendKind.allCases)
    func `The worker's condition decides which errors are worth a retry`(_ kind: BackendKind) async throws {
        let result = try await result(kind, of: Work.eager, if: { $0 is ConnectionLost }) { context in
            if context.attempt < 3 { throw ConnectionLost() }
            throw Declined()
        }
        #expect(result == "Declined after 3")
    }

    /// What a workflow sees of an activity with this body.
    private func result(
        _ kind: BackendKind, of activity: Activity<Int, Int>,
        if condition: @escaping @Sendable (any Error) -> Bool = { _ in true },
        _ body: @escaping @Sendable (ActivityContext) async throws -> Int
    ) async throws -> String {
        var result = ""
        try await Site.with(kind) { site in
            result = try await site.withWorker {
                Calling.self
                activity.implement { _, context in try await body(context) }.retrying(if: condition)
            } during: {
                try await site.client.start(Calling.self, id: "call", activity.name).result(timeout: .patience)
            }
        }
        return result
    }
}
