import NIOCore
import Testing

@testable import RedisClient

@Suite("A connection's protocol, without I/O") struct ConnectionStateMachineTests {
    /// Holds the machine, since the testing macros copy what they are given, and shows its actions as text.
    private final class Machine {
        private var machine: ConnectionStateMachine<String>

        init(role: ConnectionStateMachine<String>.Role = .commands) {
            machine = ConnectionStateMachine(role: role)
        }

        static func ready(_ role: ConnectionStateMachine<String>.Role = .commands) -> Machine {
            let machine = Machine(role: role)
            _ = machine.connected(opening: [.ping])
            _ = machine.received(.status("PONG"))
            return machine
        }

        var isReady: Bool { machine.isReady }
        var outstanding: Int { machine.outstanding }
        var nextDeadline: NIODeadline? { machine.nextDeadline }

        func connected(opening: [HandshakeStep]) -> [HandshakeStep] { machine.connected(opening: opening) }
        func cancel(id: UInt64) -> String? { machine.cancel(id: id) }
        func takeExpired(at now: NIODeadline) -> [String] { machine.takeExpired(at: now) }
        func close() -> [String]? { machine.close() }

        func sent(_ request: String, id: UInt64, replies: Int, deadline: NIODeadline) {
            machine.sent(request, id: id, replies: replies, deadline: deadline)
        }

        func received(_ reply: RedisReply) -> String {
            switch machine.received(reply) {
            case .none: "none"
            case .becomeReady: "ready"
            case .completeOne(let request, let reply): "\(request)=\(reply)"
            case .completeAll(let request, let replies): "\(request)=\(replies)"
            case .push(let reply): "push \(reply)"
            case .close(let error): "close \(error.code)"
            }
        }
    }

    @Test func `It is ready once every command of the opening was answered`() {
        let machine = Machine()
        #expect(machine.connected(opening: [.select(database: 1), .setName("a"), .ping]).count == 3)
        #expect(machine.received(.status("OK")) == "none")
        #expect(machine.received(.status("OK")) == "none")
        #expect(!machine.isReady)
        #expect(machine.received(.status("PONG")) == "ready")
        #expect(machine.isReady)
    }

    @Test func `Replies go to requests in the order of sending`() {
        let machine = Machine.ready()
        for (id, name) in ["a", "b", "c"].enumerated() {
            machine.sent(name, id: UInt64(id), replies: 1, deadline: .distantFuture)
        }
        #expect(machine.received(.integer(1)) == "a=1")
        #expect(machine.received(.integer(2)) == "b=2")
        #expect(machine.received(.integer(3)) == "c=3")
        #expect(machine.outstanding == 0)
    }

    @Test func `A pipeline gets all of its replies at once`() {
        let machine = Machine.ready()
        machine.sent("p", id: 1, replies: 3, deadline: .distantFuture)
        machine.sent("a", id: 2, replies: 1, deadline: .distantFuture)
        #expect(machine.received(.integer(1)) == "none")
        #expect(machine.received(.error(RedisServerError(message: "ERR"))) == "none")
        #expect(machine.received(.integer(3)) == "p=[1, (error) ERR, 3]")
        #expect(machine.received(.integer(4)) == "a=4")
    }

    @Test func `The replies of cancelled requests are swallowed`() {
        let machine = Machine.ready()
        machine.sent("a", id: 1, replies: 1, deadline: .distantFuture)
        machine.sent("p", id: 2, replies: 2, deadline: .distantFuture)
        machine.sent("c", id: 3, replies: 1, deadline: .distantFuture)
        #expect(machine.cancel(id: 1) == "a")
        #expect(machine.received(.integer(1)) == "none")
        #expect(machine.received(.integer(2)) == "none")
        #expect(machine.cancel(id: 2) == "p")
        #expect(machine.cancel(id: 2) == nil)
        #expect(machine.cancel(id: 9) == nil)
        #expect(machine.received(.integer(3)) == "none")
        #expect(machine.received(.integer(4)) == "c=4")
    }

    @Test func `Expired requests are taken once, and the others give the next deadline`() {
        let machine = Machine.ready()
        let start = NIODeadline.uptimeNanoseconds(0)
        machine.sent("late", id: 1, replies: 1, deadline: start + .seconds(5))
        machine.sent("soon", id: 2, replies: 1, deadline: start + .seconds(1))
        #expect(machine.nextDeadline == start + .seconds(1))
        #expect(machine.takeExpired(at: start).isEmpty)
        #expect(machine.takeExpired(at: start + .seconds(1)) == ["soon"])
        #expect(machine.takeExpired(at: start + .seconds(1)).isEmpty)
        #expect(machine.nextDeadline == start + .seconds(5))
    }

    @Test func `Closing returns those that wait, once`() {
        let machine = Machine.ready()
        machine.sent("a", id: 1, replies: 1, deadline: .distantFuture)
        machine.sent("b", id: 2, replies: 1, deadline: .distantFuture)
        _ = machine.cancel(id: 1)
        #expect(machine.close() == ["b"])
        #expect(machine.close() == nil)
        #expect(machine.received(.integer(1)) == "none")
        #expect(machine.connected(opening: [.ping]).isEmpty)
    }

    @Test func `A reply that nobody waits for closes the connection`() {
        let machine = Machine.ready()
        #expect(machine.received(.integer(1)) == "close protocolError")
        let early = Machine()
        #expect(early.received(.integer(1)) == "close protocolError")
    }

    @Test func `On a subscription connection all that comes is pushed`() {
        let machine = Machine.ready(.subscriptions)
        #expect(machine.received(.array([])) == "push []")
    }

    @Test(arguments: [
        (
            HandshakeStep.authenticate(RedisCredentials(password: "x")), "WRONGPASS no",
            RedisError.Code.authenticationFailed
        ),
        (.authenticate(RedisCredentials(password: "x")), "ERR AUTH <password> called without", .authenticationFailed),
        (.select(database: 99), "ERR DB index is out of range", .invalidConfiguration),
        (.select(database: 99), "NOPERM no", .permissionDenied),
        (.select(database: 99), "NOAUTH no", .authenticationFailed),
        (.setName("a b"), "ERR Client names cannot contain spaces", .invalidConfiguration),
        (.ping, "NOAUTH Authentication required.", .authenticationFailed),
        (.ping, "DENIED Redis is running in protected mode", .permissionDenied),
        (.ping, "LOADING Redis is loading the dataset in memory", .connectionFailed),
        (.setName("a"), "ERR max number of clients reached", .connectionFailed),
    ])
    func `A refused opening closes the connection with its own error`(
        step: HandshakeStep, message: String, code: RedisError.Code
    ) {
        let machine = Machine()
        _ = machine.connected(opening: [step, .ping])
        #expect(machine.received(.error(RedisServerError(message: message))) == "close \(code)")
        #expect(!machine.isReady)
    }

    @Test func `A server that quotes the password in its refusal does not bring it into the error`() {
        let step = HandshakeStep.authenticate(RedisCredentials(password: "hunter2"))
        let refusal = RedisServerError(message: "ERR unknown command 'AUTH', with args beginning with: 'hunter2'")
        let error = step.failure(.error(refusal))
        #expect(error?.code == .authenticationFailed)
        #expect(error.map { String(reflecting: $0).contains("hunter2") } == false)
    }

    @Test func `A user that may not PING can connect`() {
        let machine = Machine()
        _ = machine.connected(opening: [.ping])
        #expect(machine.received(.error(RedisServerError(message: "NOPERM no"))) == "ready")
    }

    @Test func `The opening authenticates before all else`() {
        var configuration = RedisConfiguration()
        configuration.credentials = RedisCredentials(username: "u", password: "p")
        configuration.database = 3
        configuration.clientName = "name"
        #expect(
            HandshakeStep.steps(for: configuration).map(\.command) == [
                ["AUTH", "u", "p"], ["CLIENT", "SETNAME", "name"], ["SELECT", 3], ["PING"],
            ])
        #expect(HandshakeStep.steps(for: RedisConfiguration()) == [.ping])
    }
}
