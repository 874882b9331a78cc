import Testing

@testable import Reprise

/// Turns payloads round, and wants to have texts encoded, too.
private struct Reversing: DataConverter {
    private let json = JSONDataConverter()
    var encodesTexts: Bool { true }

    func encode(_ value: some Encodable) throws -> [UInt8] { try json.encode(value).reversed() }
    func decode<Value: Decodable>(_ type: Value.Type, from bytes: [UInt8]) throws -> Value {
        try json.decode(type, from: bytes.reversed())
    }
}

@Suite struct DecodedDescriptionTests {
    private let converter = Reversing()

    private func description(_ change: (inout RunDescription) -> Void) -> RunDescription {
        var description = RunDescription(
            run: RunID(workflowID: "order", number: 1), type: "Order", queue: "default", version: "", state: .blocked,
            startedAt: nil, closedAt: nil, dueAt: nil, lastEntry: 1, lastArrival: 1, through: 1, turnFailures: 0,
            reason: nil, blockage: nil, isPaused: false, outcome: nil, parent: nil, successor: nil)
        change(&description)
        return description
    }

    @Test func `Reasons and what had failed before are readable; an error's type was all along`() {
        let stored = description {
            $0.reason = converter.encoded("no money")
            $0.blockage = Blockage(
                since: Timestamp(milliseconds: 0), lastError: "Declined: " + converter.encoded("card 4711: expired"))
        }
        #expect(stored.reason?.contains("money") == false)
        let readable = converter.decoded(stored)
        #expect(readable.reason == "no money")
        #expect(readable.blockage?.lastError == "Declined: card 4711: expired")
    }

    @Test func `What was never encoded stays as it is`() {
        let stored = description {
            $0.reason = "3 workers in a row died while they held it"
            $0.blockage = Blockage(since: Timestamp(milliseconds: 0), lastError: "StartToCloseTimeout: too slow")
        }
        #expect(converter.decoded(stored) == stored)
        #expect(JSONDataConverter().decoded(stored) == stored)
    }
}
