import FuzzSupport
import RedisClient
import Reprise
import Testing

@testable import RepriseRedis

/// What Redis answers and publishes, changed: a typed error, or something that is well formed.
@Suite struct AnswerFuzzTests {
    private static func bytes(_ text: String) -> RedisReply { .bytes(Array(text.utf8)) }

    private static let claimed: [RedisReply] =
        ["claimed", "1700000000000", "1700000000100", "2", "1", "1"].map(bytes)
        + ["1:order", "3", "Order", "1", "w:1.0", "0", "0", "0", "0", "2"].map(bytes)
        + [bytes("started"), bytes("1700000000000 0 "), bytes("timerFired"), bytes("1700000000001 4 ")]
        + ["2:a:b", "1", "Order", "0", "", "1", "2", "5", "1", "0"].map(bytes)
        + ["1:order", "7", "charge", "Order", "1", "1", "0", "1700000030000", "5000"].map(bytes)
        + [.null, bytes("{}"), bytes("3:other"), bytes("a:unknown")]

    /// A list of replies with a few of them changed.
    private func changed(_ replies: [RedisReply], _ fuzz: inout Mutator) -> RedisReply {
        var replies = replies
        for _ in 0...fuzz.below(3) where !replies.isEmpty {
            let index = fuzz.below(replies.count)
            switch fuzz.below(7) {
            case 0: replies.remove(at: index)
            case 1: replies.insert(replies[index], at: fuzz.below(replies.count))
            case 2: replies[index] = .integer(Int64(fuzz.number()))
            case 3: replies[index] = fuzz.pick([.null, .array([]), .array([.null]), .status("OK")])
            case 4: replies[index] = Self.bytes("\(fuzz.number())")
            case 5: replies[index] = .error(RedisServerError(message: "ERR no"))
            default:
                if case .bytes(let bytes) = replies[index] { replies[index] = .bytes(fuzz.mutated(bytes)) }
            }
        }
        return fuzz.chance(50) ? fuzz.pick([.null, .integer(1), .status("OK")]) : .array(replies)
    }

    @Test func `A changed answer to a claim is corrupt, or gives whole tasks`() throws {
        let backend = try RedisBackend(url: "redis://localhost", namespace: "fuzz")
        let request = ClaimRequest(id: "w:1", worker: "w", workflowSlots: 4, activitySlots: 4)
        let whole = try #require(try backend.parsedWork(.array(Self.claimed), request))
        #expect(whole.work.workflowTasks.map(\.history.count) == [2, 0])
        #expect(whole.work.activityTasks.map(\.name) == ["charge"])
        #expect(whole.unreadable.isEmpty)
        let failures = Fuzz.run("claims") { fuzz in
            do throws(BackendError) {
                _ = try backend.parsedWork(changed(Self.claimed, &fuzz), request)
            } catch {
                try #require(error.code == .corrupt)
            }
        }
        #expect(failures == [])
    }

    @Test func `An entry of history that can't be read spoils no other task of the answer`() throws {
        let backend = try RedisBackend(url: "redis://localhost", namespace: "fuzz")
        let request = ClaimRequest(id: "w:1", worker: "w", workflowSlots: 4, activitySlots: 4)
        var replies = Self.claimed
        replies[17] = .bytes([0xFF, 0xFE])
        let (work, unreadable) = try #require(try backend.parsedWork(.array(replies), request))
        #expect(work.workflowTasks.map(\.claim.run.description) == ["2:a:b"])
        #expect(work.activityTasks.map(\.name) == ["charge"])
        #expect(unreadable.map(\.0.run.description) == ["1:order"])
    }

    @Test func `A changed message that a run is closed is corrupt, or describes a run`() {
        let errors = ErrorMapping(keys: Keys(namespace: "fuzz"))
        var writer = PackedWriter()
        for text in [
            "1:order", "turn", "", "state", "completed 3 2 2 1700000000000 200", "type", "Order", "queue", "q",
            "started", "1700000000000", "closed", "1700000000001", "parent", "3:1:p", "trouble", "1 0 0",
        ] { writer.write(text) }
        let samples = [writer.bytes, Array("7:1:order".utf8)]
        let failures = Fuzz.run("closed") { fuzz in
            do throws(BackendError) {
                _ = try RunFields(message: fuzz.input(from: samples), errors)?.description(errors)
            } catch {
                try #require(error.code == .corrupt)
            }
        }
        #expect(failures == [])
    }

    @Test func `A changed message to a worker names no attempt that isn't in it`() {
        let samples = ["requested w:1.0 w:2.0", "timedOut w:1.0", "runClosed"].map { Array($0.utf8) }
        let failures = Fuzz.run("cancellations", for: .seconds(0.4)) { fuzz in
            let message = fuzz.input(from: samples)
            for cancellation in CancellationChannel.cancellations(in: message) {
                try #require(String(decoding: message, as: UTF8.self).contains(cancellation.nonce))
            }
        }
        #expect(failures == [])
    }
}
