import Foundation
import Testing

@testable import Reprise

private struct Declined: Error, Codable, Equatable { var code: Int }

private struct OrderFailed: CausedError, Codable {
    var order: Int
    var cause: (any Error)?

    init(order: Int, cause: (any Error)?) { (self.order, self.cause) = (order, cause) }

    private enum CodingKeys: String, CodingKey { case order }
}

/// Holds a failure as a part of its own.
private struct Overdue: Error, Codable, Equatable { var failures: [ActivityFailure] }

private final class Endless: CausedError {
    var cause: (any Error)? { self }
}

/// JSON, reversed: nothing else can read it.
private struct ReversingConverter: DataConverter {
    func encode<Value: Encodable>(_ value: Value) throws -> [UInt8] { try JSONDataConverter().encode(value).reversed() }
    func decode<Value: Decodable>(_ type: Value.Type, from bytes: [UInt8]) throws -> Value {
        try JSONDataConverter().decode(type, from: bytes.reversed())
    }
}

@Suite struct FailureCauseTests {
    private let codec = PayloadCodec(converter: ReversingConverter(), limit: 1 << 20)

    /// What a client throws when a workflow threw an error.
    private func workflowFailure(_ error: any Error) throws -> WorkflowFailure {
        let stored = codec.record(of: error).encoded()
        return WorkflowFailure(
            run: RunID(workflowID: "order", number: 1), record: try FailureRecord(decoding: stored),
            converter: codec.converter)
    }

    /// What a workflow catches when an activity threw an error.
    private func activityFailure(_ error: any Error) -> ActivityFailure {
        var record = codec.record(of: error)
        record.attempts = 3
        return ActivityFailure(activity: "charge", record: record, converter: codec.converter)
    }

    @Test func `An activity's failure that a workflow lets pass is typed on the client, down to the thrown error`()
        throws
    {
        let failure = try workflowFailure(activityFailure(Declined(code: 7)))
        #expect(failure.type == "ActivityFailure")
        #expect(failure.message.contains("activity charge failed: Declined"))
        let cause = try #require(failure.cause)
        #expect(cause.type == "Declined")
        #expect(cause.attempts == 3)
        #expect(cause.details(as: Declined.self) == Declined(code: 7))
        #expect(cause.details(as: [String].self) == nil)
        #expect(cause.cause == nil)
    }

    @Test func `The activity's failure itself can be had from the workflow's`() throws {
        let failure = try #require(
            try workflowFailure(activityFailure(Declined(code: 7))).details(as: ActivityFailure.self))
        #expect(failure == activityFailure(Declined(code: 7)))
        #expect(failure.activity == "charge")
        #expect(failure.attempts == 3)
        #expect(failure.details(as: Declined.self) == Declined(code: 7))
        #expect(try workflowFailure(Declined(code: 7)).details(as: ActivityFailure.self) == nil)
    }

    @Test func `A failure inside another value reads its details with the converter of that value`() throws {
        let overdue = Overdue(failures: [activityFailure(Declined(code: 1)), activityFailure(Declined(code: 2))])
        let read = try #require(try workflowFailure(overdue).details(as: Overdue.self))
        #expect(read == overdue)
        #expect(read.failures.compactMap { $0.details(as: Declined.self)?.code } == [1, 2])
        let payload = try codec.encode(overdue, .codable, "")
        let output = try codec.decode(payload.bytes, PayloadCoder<Overdue>.codable, "")
        #expect(output.failures.last?.details(as: Declined.self) == Declined(code: 2))
    }

    @Test func `A user's chain of causes is recorded, each with its own details`() throws {
        let error = OrderFailed(order: 5, cause: OrderFailed(order: 6, cause: activityFailure(Declined(code: 7))))
        let failure = try workflowFailure(error)
        #expect(failure.details(as: OrderFailed.self)?.order == 5)
        #expect(failure.cause?.details(as: OrderFailed.self)?.order == 6)
        let activity = try #require(failure.cause?.cause?.details(as: ActivityFailure.self))
        #expect(activity.details(as: Declined.self) == Declined(code: 7))
        #expect(failure.cause?.cause?.cause?.type == "Declined")
    }

    @Test func `An activity's chain of causes reaches the workflow, and the client`() throws {
        let failure = activityFailure(OrderFailed(order: 5, cause: Declined(code: 7)))
        #expect(failure.details(as: OrderFailed.self)?.order == 5)
        #expect(failure.cause?.details(as: Declined.self) == Declined(code: 7))
        #expect(try workflowFailure(failure).cause?.cause?.details(as: Declined.self) == Declined(code: 7))
    }

    @Test func `A cause that is caught and thrown on is the same cause`() throws {
        let cause = try #require(activityFailure(OrderFailed(order: 5, cause: Declined(code: 7))).cause)
        #expect(try workflowFailure(cause).details(as: Declined.self) == Declined(code: 7))
        #expect(
            try workflowFailure(OrderFailed(order: 1, cause: cause)).cause?.details(as: Declined.self)
                == Declined(code: 7))
    }

    @Test func `An activity that waited for another workflow passes its failure on`() throws {
        let failure = activityFailure(try workflowFailure(Declined(code: 7)))
        #expect(failure.type == "WorkflowFailure")
        #expect(failure.cause?.details(as: Declined.self) == Declined(code: 7))
    }

    @Test func `A chain that doesn't end, or is very long, is cut off`() throws {
        func length(_ record: FailureRecord) -> Int { record.cause.map { 1 + length($0) } ?? 0 }
        #expect(length(codec.record(of: Endless())) == 16)
        var failure = activityFailure(Declined(code: 7))
        for _ in 0..<100 { failure = activityFailure(failure) }
        #expect(length(codec.record(of: failure)) == 16)
    }
}
