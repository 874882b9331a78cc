import RedisTestServer
import Testing

@testable import RedisClient

@Suite("Subscriptions, with a server", .serialized, .timeLimit(.minutes(2))) struct SubscriptionTests {
    private func message(_ text: String) -> RedisSubscription.Event { .message(Array(text.utf8)) }

    @Test func `Messages arrive after the subscription, in order`() async throws {
        try await withRedis { client, _ in
            var events = client.subscribe(to: "news").makeAsyncIterator()
            #expect(try await events.next() == .subscribed)
            for text in ["a", "b", "c"] { try await client.send(["PUBLISH", "news", text]) }
            for text in ["a", "b", "c"] { #expect(try await events.next() == message(text)) }
        }
    }

    @Test func `Several consumers share one connection, each with its channel's messages`() async throws {
        try await withRedis { client, _ in
            try await client.connect()
            var one = client.subscribe(to: "a").makeAsyncIterator()
            var two = client.subscribe(to: "a").makeAsyncIterator()
            var three = client.subscribe(to: "b").makeAsyncIterator()
            #expect(try await one.next() == .subscribed)
            #expect(try await two.next() == .subscribed)
            #expect(try await three.next() == .subscribed)
            #expect(try await client.send(["PUBLISH", "a", "x"]).asInt == 1)
            #expect(try await client.send(["PUBLISH", "b", "y"]).asInt == 1)
            #expect(try await one.next() == message("x"))
            #expect(try await two.next() == message("x"))
            #expect(try await three.next() == message("y"))
            #expect(client.statistics.connections == 2)
        }
    }

    @Test func `After the server came back it subscribes again and says so`() async throws {
        try await withRedis { client, server in
            var events = client.subscribe(to: "news").makeAsyncIterator()
            #expect(try await events.next() == .subscribed)
            try await server.restart()
            #expect(try await events.next() == .subscribed)
            try await client.send(["PUBLISH", "news", "again"])
            #expect(try await events.next() == message("again"))
        }
    }

    @Test func `A connection that had worked for long is made again as well`() async throws {
        try await withRedis { configuration, _ in
            configuration.keepAliveInterval = .milliseconds(200)
        } _: { client, server in
            var events = client.subscribe(to: "news").makeAsyncIterator()
            #expect(try await events.next() == .subscribed)
            let before = client.statistics
            // Six questions, 200 ms apart: long enough for it not to count as an attempt that failed.
            try await eventually("it is a second old") { (client.statistics - before).commands >= 6 }
            try await server.restart()
            #expect(try await events.next() == .subscribed)
        }
    }

    @Test func `It unsubscribes when iteration ends`() async throws {
        try await withRedis { client, _ in
            for try await event in client.subscribe(to: "news") {
                #expect(event == .subscribed)
                break
            }
            try await eventually("nobody is subscribed") {
                try await client.send(["PUBLISH", "news", "x"]).asInt == 0
            }
            var again = client.subscribe(to: "news").makeAsyncIterator()
            #expect(try await again.next() == .subscribed)
            #expect(client.statistics.connections == 2)
        }
    }

    @Test func `It ends when the task is cancelled, and unsubscribes`() async throws {
        try await withRedis { client, _ in
            let task = Task { for try await _ in client.subscribe(to: "news") {} }
            try await eventually("it is subscribed") { try await client.send(["PUBLISH", "news", "x"]).asInt == 1 }
            task.cancel()
            try await task.value
            try await eventually("nobody is subscribed") { try await client.send(["PUBLISH", "news", "x"]).asInt == 0 }
        }
    }

    @Test func `It ends when the client is shut down`() async throws {
        try await withRedis { client, _ in
            let other = RedisClient(configuration: client.configuration)
            var events = other.subscribe(to: "news").makeAsyncIterator()
            let first = try await events.next()
            #expect(first == .subscribed)
            await other.shutdown()
            let end = try await events.next()
            #expect(end == nil)
            var late = other.subscribe(to: "news").makeAsyncIterator()
            let nothing = try await late.next()
            #expect(nothing == nil)
        }
    }

    @Test func `A slow consumer is told what it missed`() async throws {
        try await withRedis { configuration, _ in
            configuration.subscriptionBufferLimit = 10
        } _: { client, _ in
            var events = client.subscribe(to: "news").makeAsyncIterator()
            var other = client.subscribe(to: "end").makeAsyncIterator()
            #expect(try await events.next() == .subscribed)
            #expect(try await other.next() == .subscribed)
            try await client.pipeline((0..<1000).map { ["PUBLISH", "news", $0] })
            try await client.send(["PUBLISH", "end", "x"])
            #expect(try await other.next() == message("x"), "which all others precede")
            guard case .dropped(let count) = try await events.next() else {
                Issue.record("no word of what was dropped")
                return
            }
            #expect(try await events.next() == message("\(count)"))
        }
    }

    @Test func `A server that is stuck is noticed`() async throws {
        try await withRedis { configuration, _ in
            configuration.keepAliveInterval = .milliseconds(100)
        } _: { client, server in
            var events = client.subscribe(to: "news").makeAsyncIterator()
            #expect(try await events.next() == .subscribed)
            try await server.suspend()
            let connections = client.statistics.connections
            async let again = events.next()
            // Its connection is closed while the server is stuck; the next can be ready only after it goes on.
            let flushes = client.statistics.flushes
            try await eventually("it tries to connect again") { client.statistics.flushes >= flushes + 2 }
            server.resume()
            #expect(try await again == .subscribed)
            #expect(client.statistics.connections > connections)
        }
    }

    @Test func `A quiet subscription stays alive by asking`() async throws {
        try await withRedis { configuration, _ in
            configuration.keepAliveInterval = .milliseconds(200)
        } _: { client, _ in
            var events = client.subscribe(to: "news").makeAsyncIterator()
            #expect(try await events.next() == .subscribed)
            let before = client.statistics
            try await eventually("it has asked three times") { (client.statistics - before).commands >= 3 }
            #expect(client.statistics.connections == 1)
            try await client.send(["PUBLISH", "news", "x"])
            #expect(try await events.next() == message("x"))
        }
    }

    @Test func `Nothing is asked for a subscription at best effort`() async throws {
        try await withRedis { configuration, _ in
            configuration.keepAliveInterval = .milliseconds(20)
        } _: { client, server in
            let asking = RedisClient(configuration: client.configuration)
            var quiet = client.subscribe(atBestEffortTo: "news").makeAsyncIterator()
            var asked = asking.subscribe(to: "news").makeAsyncIterator()
            #expect(try await quiet.next() == .subscribed)
            #expect(try await asked.next() == .subscribed)
            let before = (client.statistics.commands, asking.statistics.commands)
            try await eventually("the other has asked often") { asking.statistics.commands >= before.1 + 10 }
            #expect(client.statistics.commands == before.0)
            try await asking.send(["PUBLISH", "news", "x"])
            #expect(try await quiet.next() == message("x"))
            await asking.shutdown()
        }
    }

    @Test func `A server that is stuck before it confirms is noticed, also at best effort`() async throws {
        try await withRedis { configuration, _ in
            configuration.keepAliveInterval = .milliseconds(100)
        } _: { client, server in
            var first = client.subscribe(atBestEffortTo: "one").makeAsyncIterator()
            #expect(try await first.next() == .subscribed)
            try await server.suspend()
            let flushes = client.statistics.flushes
            var second = client.subscribe(atBestEffortTo: "two").makeAsyncIterator()
            try await eventually("it has subscribed, asked, and tried to connect again") {
                client.statistics.flushes >= flushes + 3
            }
            server.resume()
            #expect(try await second.next() == .subscribed)
            #expect(try await first.next() == .subscribed)
        }
    }

    @Test func `A channel that the user may not hear ends with an error`() async throws {
        try await withRedis(["--user", "limited", "on", ">pw", "~*", "resetchannels", "&allowed", "+@all"]) {
            configuration, _ in
            configuration.credentials = RedisCredentials(username: "limited", password: "pw")
        } _: { client, _ in
            var allowed = client.subscribe(to: "allowed").makeAsyncIterator()
            #expect(try await allowed.next() == .subscribed)
            let error = await failure {
                var forbidden = client.subscribe(to: "forbidden").makeAsyncIterator()
                return try await forbidden.next()
            }
            #expect(error?.code == .permissionDenied)
            try await client.send(["PUBLISH", "allowed", "x"])
            #expect(try await allowed.next() == message("x"))
        }
    }

    @Test func `A wrong password ends with an error`() async throws {
        try await withRedis(["--requirepass", "secret"]) { client, _ in
            let error = await failure {
                var events = client.subscribe(to: "news").makeAsyncIterator()
                return try await events.next()
            }
            #expect(error?.code == .authenticationFailed)
        }
    }
}
