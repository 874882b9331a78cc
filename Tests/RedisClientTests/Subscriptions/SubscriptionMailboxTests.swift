import Testing

@testable import RedisClient

@Suite("The mailbox of a subscription", .timeLimit(.minutes(1))) struct SubscriptionMailboxTests {
    @Test func `Events come out in order, and then the end`() async throws {
        let mailbox = SubscriptionMailbox(limit: 10)
        mailbox.deliver(.subscribed)
        mailbox.deliver(.message([1]))
        mailbox.finish(nil)
        mailbox.deliver(.message([2]))
        #expect(try await mailbox.next() == .subscribed)
        #expect(try await mailbox.next() == .message([1]))
        #expect(try await mailbox.next() == nil)
        #expect(try await mailbox.next() == nil)
    }

    @Test func `A full mailbox drops what it holds and says how much`() async throws {
        let mailbox = SubscriptionMailbox(limit: 3)
        for byte in 0..<7 { mailbox.deliver(.message([UInt8(byte)])) }
        // Dropped at the fourth (3 messages), and again when those after the note filled it.
        #expect(try await mailbox.next() == .dropped(5))
        #expect(try await mailbox.next() == .message([5]))
        #expect(try await mailbox.next() == .message([6]))
    }

    @Test func `An error ends the sequence`() async throws {
        let mailbox = SubscriptionMailbox(limit: 3)
        mailbox.finish(RedisError(.permissionDenied, "no"))
        let error = await #expect(throws: RedisError.self) { try await mailbox.next() }
        #expect(error?.code == .permissionDenied)
    }

    @Test func `Cancellation ends the wait`() async throws {
        let mailbox = SubscriptionMailbox(limit: 3)
        let task = Task { try await mailbox.next() }
        task.cancel()
        #expect(try await task.value == nil)
    }

    @Test func `A waiting consumer is woken`() async throws {
        let mailbox = SubscriptionMailbox(limit: 3)
        async let event = mailbox.next()
        mailbox.deliver(.subscribed)
        #expect(try await event == .subscribed)
    }
}
