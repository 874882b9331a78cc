import Foundation
import FuzzSupport
import Testing

@testable import Reprise

/// What a store answers is read by these: broken bytes are a typed error, and what is read is written as it was.
@Suite struct HistoryFuzzTests {
    private static let failure = FailureRecord(
        type: "Declined", message: "no “money”\n", attempts: 3, details: Data("{}".utf8),
        cause: FailureRecord(type: "Cause", message: ""))

    private static let turns = [
        Turn(firstCommand: 0, commands: []).encoded().bytes,
        Turn(
            firstCommand: 2,
            commands: [
                Command(kind: .scheduleActivity, name: "a", fingerprint: .max, location: "A.swift:1", payload: [1, 2]),
                Command(kind: .startTimer, argument: .min), Command(kind: .version, name: "v", argument: 2),
                Command(kind: .fail, payload: failure.encoded()),
            ], buildID: "b",
            localResults: [
                LocalResult(operation: 1, after: 4, result: .completed([9])),
                LocalResult(operation: 3, after: 4, result: .failed(failure)),
            ]
        ).encoded().bytes,
    ]

    private static let records = [
        StartRecord(type: "Type", version: "1", input: Array("{}".utf8), seenSignals: ["a", ""]).encoded(),
        SignalRecord(id: "id", name: "go", payload: [0, 255]).encoded(),
        ChildPayload(workflowID: "child", record: [1, 2, 3]).encoded(),
    ]

    /// - Returns: the value, or `nil` for a ``CorruptHistory``.
    private func read<Value>(_ body: () throws(CorruptHistory) -> Value) -> Value? { try? body() }

    @Test func `Broken turns are corrupt, and what is read can be written`() {
        let failures = Fuzz.run("turns") { fuzz in
            guard let turn = read({ () throws(CorruptHistory) in try Turn(decoding: fuzz.input(from: Self.turns)) })
            else { return }
            try #require(try Turn(decoding: turn.encoded().bytes) == turn)
            _ = read { () throws(CorruptHistory) in try RunOutcome(closing: turn) }
        }
        #expect(failures == [])
    }

    @Test func `Broken records are corrupt, and what is read can be written`() {
        let failures = Fuzz.run("records") { fuzz in
            let bytes = fuzz.input(from: Self.records)
            if let record = read({ () throws(CorruptHistory) in try StartRecord(decoding: bytes) }) {
                try #require(try StartRecord(decoding: record.encoded()) == record)
            }
            if let record = read({ () throws(CorruptHistory) in try SignalRecord(decoding: bytes) }) {
                try #require(try SignalRecord(decoding: record.encoded()) == record)
            }
            _ = read { () throws(CorruptHistory) in try ChildPayload(decoding: bytes) }
            for kind: HistoryEntry.Kind in [.turn, .terminated, .cancelRequested, .signalled] {
                _ = read { () throws(CorruptHistory) in try RunOutcome(kind: kind, payload: bytes) }
            }
            var reader = PackedReader(bytes)
            while !reader.isAtEnd, read({ () throws(CorruptHistory) in try reader.readBytes() }) != nil {}
        }
        #expect(failures == [])
    }

    @Test func `Broken failures are corrupt, and what is read can be written`() {
        let samples = [Self.failure.encoded(), Array(#"{"type":"A","message":"b"}"#.utf8)]
        let failures = Fuzz.run("failures", for: .seconds(0.8)) { fuzz in
            let bytes = fuzz.input(from: samples)
            guard let record = read({ () throws(CorruptHistory) in try FailureRecord(decoding: bytes) }) else { return }
            try #require(try FailureRecord(decoding: record.encoded()) == record)
            _ = FailureCause(record: record, converter: JSONDataConverter()).details(as: ActivityFailure.self)
        }
        #expect(failures == [])
    }

    @Test func `A chain of causes that is deeper than a stack is corrupt`() {
        let depth = 100_000
        let open = String(repeating: #"{"type":"A","message":"","cause":"#, count: depth)
        let text = open + #"{"type":"A","message":""}"# + String(repeating: "}", count: depth)
        #expect(throws: CorruptHistory.self) { try FailureRecord(decoding: Array(text.utf8)) }
    }

    @Test func `Broken tokens are refused, and what is accepted reads the same again`() {
        let claim = ActivityClaim(run: RunID(workflowID: "a/b:c", number: 12), operation: 3, nonce: "abc:42.7")
        let samples = [ActivityToken(claim), .init(ActivityClaim(run: claim.run, operation: -1, nonce: "x"))]
            .map { Array($0.description.utf8) }
        let failures = Fuzz.run("tokens", for: .seconds(0.6)) { fuzz in
            let text = String(decoding: fuzz.input(from: samples), as: UTF8.self)
            do {
                let token = try ActivityToken(text)
                try #require(try ActivityToken(token.description) == token)
            } catch let error as InvalidArgument { _ = "\(error)" }
        }
        #expect(failures == [])
    }

    @Test func `No point in time and no duration is too far`() {
        let failures = Fuzz.run("times", for: .seconds(0.4)) { fuzz in
            let seconds = fuzz.pick([Double(fuzz.number()), .nan, .infinity, -.infinity, 1e300, -1e300, 0.0005])
            let time = Timestamp(Date(timeIntervalSince1970: seconds))
            let step = Duration(secondsComponent: Int64(fuzz.number()), attosecondsComponent: Int64(fuzz.number()))
            try #require((time.advanced(by: step) >= time) == (step.milliseconds >= 0))
            _ = Timestamp(milliseconds: Int64(fuzz.number())).advanced(by: step).date
        }
        #expect(failures == [])
    }
}
