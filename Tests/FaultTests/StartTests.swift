import Foundation
import Logging
import RedisTestServer
import Reprise
import RepriseRedis
import Testing

private final class Nothing: Workflow {
    func run(_ context: WorkflowContext) async throws {}
}

extension Faults {
    @Suite struct StartTests {
        @Test(.timeLimit(.minutes(5)))
        func `A worker that starts before Redis waits for it`() async throws {
            try await FaultSite.with(lease: .seconds(5), commandTimeout: .seconds(1)) { site in
                await site.server.kill()
                let worker = try site.worker("early")
                try await eventually("it has noticed that nobody is there", within: .seconds(20)) {
                    worker.log.contains("the store is away, trying again")
                }
                try await site.server.restart()
                try await LoadDriver.run(10, at: site) { _ in }
                worker.terminate()
                #expect(await worker.exitStatus() == 0)
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `A worker with a wrong password throws a clear error`() async throws {
            let server = try await RedisTestServer.start(["--requirepass", "right"])
            let error = try await startError("redis://:wrong@127.0.0.1:\(server.port)")
            #expect(error.code == .misconfigured)
            #expect(error.message.contains("check user and password"))
            let none = try await startError(server.url)
            #expect(none.code == .misconfigured)
            #expect(none.message.contains("check user and password"))
            await server.stop()
        }

        @Test(.timeLimit(.minutes(5)))
        func `A worker on a read-only replica throws a clear error`() async throws {
            let primary = try await RedisTestServer.start()
            let replica = try await RedisTestServer.start(["--replicaof", "127.0.0.1", "\(primary.port)"])
            let error = try await startError(replica.url)
            #expect(error.code == .unsafeStore)
            #expect(error.message.contains("give the URL of its primary, 127.0.0.1:\(primary.port)"))
            await replica.stop()
            await primary.stop()
        }

        /// What `Worker.run()` throws.
        private func startError(_ url: String) async throws -> BackendError {
            let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
            let backend = try RedisBackend(url: url, namespace: "fault", logger: quiet)
            let worker = try Worker(backend: backend, logger: quiet) { Nothing.self }
            let error = await #expect(throws: BackendError.self) { try await worker.run() }
            await backend.shutdown()
            return try #require(error)
        }
    }
}
