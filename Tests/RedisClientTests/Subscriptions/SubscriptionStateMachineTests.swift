import Testing

@testable import RedisClient

@Suite("Subscriptions, without I/O") struct SubscriptionStateMachineTests {
    private typealias Machine = SubscriptionStateMachine<Int>

    private func push(_ kind: String, _ words: String...) -> RedisReply {
        .array(([kind] + words).map { .bytes(Array($0.utf8)) })
    }

    private func confirmation(_ kind: String, _ channel: String) -> RedisReply {
        .array([.bytes(Array(kind.utf8)), .bytes(Array(channel.utf8)), .integer(1)])
    }

    @Test func `Channels wanted before there is a connection are subscribed to when there is one`() {
        var machine = Machine()
        #expect(machine.add(1, to: "b") == .wait)
        #expect(machine.add(2, to: "a") == .wait)
        #expect(machine.connected() == [["SUBSCRIBE", "a"], ["SUBSCRIBE", "b"]])
        #expect(machine.received(confirmation("subscribe", "a")) == .confirm([2]))
        #expect(machine.received(confirmation("subscribe", "b")) == .confirm([1]))
        #expect(machine.received(push("message", "b", "hello")) == .deliver(Array("hello".utf8), [1]))
    }

    @Test func `A second subscriber of a channel sends nothing and is confirmed at once`() {
        var machine = Machine()
        _ = machine.connected()
        #expect(machine.add(1, to: "a") == .send(["SUBSCRIBE", "a"]))
        #expect(machine.add(2, to: "a") == .wait)
        #expect(machine.received(confirmation("subscribe", "a")) == .confirm([1, 2]))
        #expect(machine.add(3, to: "a") == .confirm)
        #expect(machine.received(push("message", "a", "x")) == .deliver([0x78], [1, 2, 3]))
    }

    @Test func `Only the last subscriber's going unsubscribes`() {
        var machine = Machine()
        _ = machine.connected()
        _ = machine.add(1, to: "a")
        _ = machine.add(2, to: "a")
        #expect(machine.remove(1, from: "a") == nil)
        #expect(machine.remove(1, from: "a") == nil)
        #expect(machine.remove(2, from: "a") == ["UNSUBSCRIBE", "a"])
        #expect(!machine.isWanted)
    }

    @Test func `A channel left and taken again is confirmed by its last SUBSCRIBE alone`() {
        var machine = Machine()
        _ = machine.connected()
        _ = machine.add(1, to: "a")
        _ = machine.remove(1, from: "a")
        _ = machine.add(2, to: "a")
        #expect(machine.received(confirmation("subscribe", "a")) == .none)
        #expect(machine.received(push("message", "a", "x")) == .none)
        #expect(machine.received(confirmation("unsubscribe", "a")) == .none)
        #expect(machine.received(confirmation("subscribe", "a")) == .confirm([2]))
    }

    @Test func `After a lost connection all channels are subscribed to and confirmed again`() {
        var machine = Machine()
        _ = machine.connected()
        _ = machine.add(1, to: "a")
        _ = machine.received(confirmation("subscribe", "a"))
        machine.disconnected()
        #expect(machine.add(2, to: "a") == .wait)
        #expect(machine.connected() == [["SUBSCRIBE", "a"]])
        #expect(machine.received(confirmation("subscribe", "a")) == .confirm([1, 2]))
    }

    @Test func `An error belongs to the channel whose command it answers`() {
        var machine = Machine()
        _ = machine.connected()
        _ = machine.add(1, to: "allowed")
        _ = machine.add(2, to: "forbidden")
        _ = machine.received(confirmation("subscribe", "allowed"))
        let error = RedisServerError(message: "NOPERM no")
        #expect(machine.received(.error(error)) == .fail(RedisError(server: error), [2]))
        #expect(machine.subscribers == [1])
    }

    @Test func `Both answers to a PING are understood`() {
        var machine = Machine()
        _ = machine.connected()
        _ = machine.ping()
        #expect(machine.received(.status("PONG")) == .none)
        _ = machine.ping()
        #expect(machine.received(push("pong", "")) == .none)
    }

    @Test(arguments: [
        RedisReply.null, .integer(1), .status("OK"), .array([]), .array([.bytes(Array("message".utf8))]),
        .array([.bytes(Array("subscribe".utf8)), .bytes([]), .integer(1)]), .error(RedisServerError(message: "ERR")),
    ])
    func `What no command explains closes the connection`(reply: RedisReply) {
        var machine = Machine()
        _ = machine.connected()
        guard case .close(let error) = machine.received(reply) else {
            Issue.record("it was accepted")
            return
        }
        #expect(error.code == .protocolError)
    }
}
