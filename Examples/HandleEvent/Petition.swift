import Reprise

/// A petition that is handed in when enough people have signed it.
///
/// Signatures come from outside, whenever they like. Each calls a method of the workflow; `run` waits until the method has
/// seen enough of them.
final class Petition: Workflow {
    struct Input: Codable, Sendable {
        var demand: String
        var needed: Int
    }

    // What the debugger shows.
    @Variable var signatures: [String] = []
    private let input: Input

    init(input: Input) { self.input = input }

    func run(_ context: WorkflowContext) async throws -> [String] {
        try await context.wait { self.signatures.count >= self.input.needed }
        try await context.execute(Parliament.handIn, .init(demand: input.demand, signatures: signatures))
        return signatures
    }

    // A signal's handler is a method. It runs between two steps of `run`, never in the middle of one.
    func sign(_ name: String) {
        if !signatures.contains(name) { signatures.append(name) }
    }
    static let sign = Signal("sign", Petition.sign)
    static var handlers: [Handler<Petition>] { sign }
}

/// What the workflow knows of parliament.
enum Parliament {
    static let handIn = Activity<Request, Void>("parliament.handIn", retry: .exponential())

    struct Request: Codable, Sendable, Equatable {
        var demand: String
        var signatures: [String]
    }
}
