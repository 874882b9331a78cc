import FuzzSupport
import Testing

@testable import RedisClient

@Suite struct ReplyFuzzTests {
    private func read(_ pieces: [[UInt8]], maximumBuffered: Int) -> (replies: [RedisReply], error: RedisError?) {
        var reader = ReplyReader(maximumBuffered: maximumBuffered)
        var replies: [RedisReply] = []
        for piece in pieces {
            let error = piece.withUnsafeBytes { bytes -> RedisError? in
                do throws(RedisError) {
                    try reader.read(bytes) { replies.append($0) }
                    return nil
                } catch {
                    return error
                }
            }
            if let error { return (replies, error) }
        }
        return (replies, nil)
    }

    private static let edges = [
        "*-1\r\n", "*-2\r\n", "$-1\r\n", "$-2\r\n", "*2147483647\r\n", "*9223372036854775807\r\n:1\r\n",
        "$9223372036854775807\r\nabc", "$2147483648\r\n", ":99999999999999999999\r\n", ":-\r\n", "+\r\n", "-\r\n",
        "$0\r\n\r\n",
        "$3\r\nabcd\r\n", "%1\r\n+a\r\n:1\r\n", "~1\r\n+a\r\n", ",1.5\r\n", "#t\r\n", "_\r\n", "(123\r\n",
        "=7\r\ntxt:abc\r\n",
        ">1\r\n+a\r\n", "*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n:1\r\n", "\r\n", "PING\r\n",
    ].map { Array($0.utf8) }

    /// Whatever comes, and however it is cut: replies, then perhaps one typed error. The same replies for every cut.
    @Test func `Broken replies end in a protocol error, however they are cut`() {
        let failures = Fuzz.run("replies") { fuzz in
            let samples = (0..<4).map { _ in RESPOracle.encode(RESPOracle.random(depth: 4, using: &fuzz)) }
            let bytes = (0..<1 + fuzz.below(3)).flatMap { _ in
                fuzz.chance(3) ? fuzz.input(from: Self.edges) : fuzz.input(from: samples)
            }
            let whole = read([bytes], maximumBuffered: 1 << 20)
            let cut = read(fuzz.pieces(of: bytes), maximumBuffered: 1 << 20)
            try #require(whole.replies == cut.replies)
            try #require(whole.error?.code == cut.error?.code)
            if let error = whole.error { try #require(error.code == .protocolError) }
        }
        #expect(failures == [])
    }

    @Test func `Broken URLs are refused, and what is accepted can be used`() {
        let samples = [
            "redis://localhost", "redis://:secret@[::1]:6379/3", "rediss://user:p%40ss@host.example:1/0",
            "redis+unix://user:pw@/tmp/redis.sock?db=2", "unix:///a%20b", "redis://h?db=1",
        ].map { Array($0.utf8) }
        let failures = Fuzz.run("URLs", for: .seconds(0.6)) { fuzz in
            let text = String(decoding: fuzz.input(from: samples), as: UTF8.self)
            do {
                let url = try RedisURL(text)
                try #require(url.database >= 0)
                if case .tcp(let host, let port) = url.endpoint {
                    try #require(!host.isEmpty && (1...65535).contains(port))
                }
            } catch let error as RedisError where error.code == .invalidURL {
                // Nothing that may be a password is quoted.
                try #require(!error.message.contains("secret") && !error.message.contains("p@ss"))
            }
        }
        #expect(failures == [])
    }
}
