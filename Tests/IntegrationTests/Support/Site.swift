import Foundation
import Logging
import RedisTestServer
import Reprise
import RepriseRedis
import Testing

/// The backends that every test here runs on.
enum BackendKind: CaseIterable, CustomTestStringConvertible {
    case memory, redis

    var testDescription: String { self == .memory ? "in memory" : "on Redis" }
}

/// An empty backend for one test, and what to do with it.
struct Site: Sendable {
    let backend: any Backend
    var client: WorkflowClient { WorkflowClient(backend: backend) }
    var debugger: WorkflowDebugger { WorkflowDebugger(backend: backend) }

    /// Runs a test, then checks the backend's invariants.
    static func with(_ kind: BackendKind, _ body: (Site) async throws -> Void) async throws {
        switch kind {
        case .memory:
            let backend = InMemoryBackend()
            try await body(Site(backend: backend))
            #expect(backend.checkInvariants() == [])
        case .redis:
            let server = try await SharedServer.shared.server()
            let backend = try RedisBackend(url: server.url, namespace: "integration-\(UUID().uuidString)")
            do {
                try await body(Site(backend: backend))
                #expect(try await backend.checkInvariants() == [])
            } catch {
                await backend.shutdown()
                throw error
            }
            await backend.shutdown()
        }
    }

    /// Lends a second way to the same runs: on Redis, connections of its own, as another process has.
    func withSecond(_ body: (Site) async throws -> Void) async throws {
        guard let redis = backend as? RedisBackend else { return try await body(self) }
        let server = try await SharedServer.shared.server()
        let second = try RedisBackend(url: server.url, namespace: redis.namespace)
        do { try await body(Site(backend: second)) } catch {
            await second.shutdown()
            throw error
        }
        await second.shutdown()
    }

    static let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    /// Asks again and again until it is so; a run that isn't there yet is not.
    func until(
        _ what: String, within patience: Duration = .patience, _ isSo: () async throws -> Bool
    ) async throws {
        let end = ContinuousClock.now + patience
        while ContinuousClock.now < end {
            do {
                if try await isSo() { return }
            } catch let error as BackendError where error.code == .runNotFound {}
            try await Task.sleep(for: .milliseconds(5))
        }
        Issue.record("it did not come to this: \(what)")
    }

    /// Runs a worker beside the body, and drains it after.
    @discardableResult
    func withWorker<Value>(
        queue: String = "default", _ options: WorkerOptions = .init(), logger: Logger = Site.quiet,
        @RegistrationBuilder _ registrations: () -> [Registration], during body: () async throws -> Value
    ) async throws -> Value {
        let worker = try Worker(
            backend: backend, queue: queue, options: options, logger: logger, registrations)
        let working = Task { try await worker.run() }
        do {
            let value = try await body()
            working.cancel()
            try await working.value
            return value
        } catch {
            working.cancel()
            _ = try? await working.value
            throw error
        }
    }
}

extension Duration {
    /// Longer than anything here takes; only a failing test waits for it.
    static var patience: Duration { .seconds(60) }
}
