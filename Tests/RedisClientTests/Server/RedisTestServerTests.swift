import Foundation
import RedisTestServer
import Testing

@Suite("The server for tests", .serialized, .timeLimit(.minutes(2))) struct RedisTestServerTests {
    private func isAlive(_ id: Int32) -> Bool { kill(id, 0) == 0 }

    @Test func `Stopping leaves neither a process nor a folder`() async throws {
        let server = try await RedisTestServer.start()
        let id = try #require(server.processIdentifier)
        #expect(isAlive(id))
        await server.stop()
        #expect(!isAlive(id))
        #expect(!FileManager.default.fileExists(atPath: server.folder.path))
    }

    @Test func `A server that is forgotten is killed by its watchdog`() async throws {
        var server: RedisTestServer? = try await RedisTestServer.start()
        let id = try #require(server?.processIdentifier)
        let folder = try #require(server?.folder.path)
        server = nil
        try await eventually("it is gone") { !isAlive(id) }
        try await eventually("its folder is gone") { !FileManager.default.fileExists(atPath: folder) }
    }

    @Test func `A server that is suspended can be killed and started again`() async throws {
        let server = try await RedisTestServer.start()
        try await server.suspend()
        try await server.restart()
        #expect(server.processIdentifier != nil)
        await server.stop()
    }

    @Test func `Wrong options say what is wrong`() async throws {
        await #expect(throws: RedisTestServerError.self) { try await RedisTestServer.start(["--no-such-option", "x"]) }
    }
}
