#if TLS
    import RedisTestServer
    import Testing

    @testable import RedisClient

    @Suite("TLS, with a server", .serialized, .timeLimit(.minutes(2))) struct TLSTests {
        private func withTLS(
            host: String = "localhost",
            _ change: @escaping (inout RedisTLS, TestCertificates) -> Void = { _, _ in },
            _ body: (RedisClient) async throws -> Void
        ) async throws {
            try await withRedis(tls: true) { configuration, server in
                guard let certificates = server.certificates else { return }
                var tls = RedisTLS(
                    certificateAuthorityFile: certificates.authority,
                    certificateFile: certificates.clientCertificate,
                    privateKeyFile: certificates.clientKey)
                change(&tls, certificates)
                configuration.tls = tls
                configuration.endpoint = .tcp(host: host, port: server.port)
                configuration.commandTimeout = .seconds(3)
            } _: { client, _ in
                try await body(client)
            }
        }

        @Test(arguments: [("localhost", nil), ("127.0.0.1", "localhost")])
        func `With the right authority and a client certificate it works`(host: String, name: String?) async throws {
            try await withTLS(host: host) { tls, _ in
                tls.serverName = name
            } _: { client in
                let large = [UInt8](repeating: 7, count: 1 << 20)
                try await client.send(RedisCommand("SET", "large", large))
                #expect(try await client.send(["GET", "large"]).asBytes == large)
                var events = client.subscribe(to: "news").makeAsyncIterator()
                #expect(try await events.next() == .subscribed)
                try await client.send(["PUBLISH", "news", "x"])
                #expect(try await events.next() == .message([0x78]))
            }
        }

        @Test func `A server by another authority is refused`() async throws {
            try await withTLS { tls, certificates in
                tls.certificateAuthorityFile = certificates.otherAuthority
            } _: { client in
                let error = await failure { try await client.send(["PING"]) }
                #expect(error?.code == .tlsFailed)
                #expect(error?.category == .configuration)
                #expect(client.statistics.connections == 0)
            }
        }

        @Test func `A server of another name is refused, unless names are not checked`() async throws {
            try await withTLS { tls, _ in
                tls.serverName = "example.org"
            } _: { client in
                #expect(await failure { try await client.send(["PING"]) }?.code == .tlsFailed)
            }
            try await withTLS { tls, _ in
                tls.serverName = "example.org"
                tls.verification = .withoutHostname
            } _: { client in
                let reply = try await client.send(["PING"])
                #expect(reply == .status("PONG"))
            }
        }

        @Test func `Without its client certificate it does not connect`() async throws {
            try await withTLS { tls, _ in
                tls.certificateFile = nil
                tls.privateKeyFile = nil
            } _: { client in
                let error = await failure { try await client.send(["PING"]) }
                // The alert and the reset that follows it race.
                #expect(error?.code == .tlsFailed || error?.code == .connectionFailed)
                #expect(client.statistics.connections == 0)
            }
        }

        @Test func `A file that cannot be read is an error of the configuration`() async throws {
            try await withTLS { tls, _ in
                tls.certificateAuthorityFile = "/nonexistent.crt"
            } _: { client in
                let error = await failure { try await client.send(["PING"]) }
                #expect(error?.code == .invalidConfiguration)
                #expect(error?.message.contains("/nonexistent.crt") == true)
            }
        }

        @Test func `TLS to a port that does not speak it fails`() async throws {
            try await withRedis { configuration, _ in
                configuration.tls = RedisTLS()
                configuration.connectTimeout = .milliseconds(500)
            } _: { client, _ in
                let error = await failure { try await client.connect() }
                #expect(error?.code == .tlsFailed || error?.code == .connectionFailed, "\(String(describing: error))")
                #expect(client.statistics.connections == 0)
            }
        }
    }
#endif
