import Reprise
import RepriseTesting
import Testing

@Suite(.timeLimit(.minutes(1))) struct TestEnvironmentTests {
    @Test func `A result can be asked for years after the run ended`() async throws {
        let environment = try TestEnvironment { Echo.self }
        let early = try await environment.start(Echo.self, id: "early", "hello")
        await environment.advance(by: .days(3 * 365))
        // Its claim is when a worker removes runs whose time is over.
        _ = try await environment.start(Echo.self, id: "late", "again").result()
        #expect(try await early.result() == "hello")
    }
}

private final class Echo: Workflow {
    private let input: String

    init(input: String) { self.input = input }

    func run(_ context: WorkflowContext) async throws -> String { input }
}
