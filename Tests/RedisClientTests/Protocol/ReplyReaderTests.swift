import Testing

@testable import RedisClient

@Suite("Reading replies") struct ReplyReaderTests {
    private func read(_ pieces: [[UInt8]], maximumBuffered: Int = 1 << 30) throws(RedisError) -> [RedisReply] {
        var reader = ReplyReader(maximumBuffered: maximumBuffered)
        var replies: [RedisReply] = []
        for piece in pieces { try feed(piece, to: &reader, into: &replies) }
        return replies
    }

    private func feed(
        _ bytes: [UInt8], to reader: inout ReplyReader, into replies: inout [RedisReply]
    ) throws(RedisError) {
        let failure = bytes.withUnsafeBytes { bytes -> RedisError? in
            do throws(RedisError) {
                try reader.read(bytes) { replies.append($0) }
                return nil
            } catch {
                return error
            }
        }
        if let failure { throw failure }
    }

    private let sample: [RedisReply] = [
        .status("OK"), .null, .integer(-9_223_372_036_854_775_808), .bytes([]), .bytes([13, 10, 0, 255]), .array([]),
        .array([.null, .array([.integer(1), .bytes(Array("two".utf8))]), .array([]), .status("three")]),
        .error(RedisServerError(message: "WRONGTYPE of key")), .integer(.max),
    ]

    @Test func `Replies cut in two at any byte are read the same`() throws {
        let wire = sample.flatMap(RESPOracle.encode)
        for cut in 0...wire.count {
            #expect(try read([Array(wire[..<cut]), Array(wire[cut...])]) == sample, "cut at \(cut)")
        }
    }

    @Test func `Replies that arrive byte by byte are read the same`() throws {
        #expect(try read(sample.flatMap(RESPOracle.encode).map { [$0] }) == sample)
    }

    @Test func `A null array is null`() throws {
        #expect(try read([Array("*-1\r\n".utf8)]) == [.null])
    }

    @Test(arguments: 0..<200) func `Random replies in random pieces are read as they were written`(seed: Int) throws {
        var generator = SeededGenerator(state: UInt64(seed))
        let replies = (0..<20).map { _ in RESPOracle.random(depth: 6, using: &generator) }
        var wire = replies.flatMap(RESPOracle.encode)[...]
        var pieces: [[UInt8]] = []
        while !wire.isEmpty {
            pieces.append(Array(wire.prefix(Int.random(in: 1...64, using: &generator))))
            wire = wire.dropFirst(pieces.last!.count)
        }
        #expect(try read(pieces) == replies)
    }

    @Test func `A string of 64 MB in pieces of a socket's size is read whole`() throws {
        let content = largeBytes(64 << 20)
        let wire = RESPOracle.encode(.bytes(content))
        let pieces = stride(from: 0, to: wire.count, by: 65_536).map { Array(wire[$0..<min($0 + 65_536, wire.count)]) }
        // Compared outside of the macro, which would describe the operands.
        let isSame = try read(pieces + [Array(":1\r\n".utf8)]) == [.bytes(content), .integer(1)]
        #expect(isSame)
    }

    @Test func `An array of 100,000 elements is read whole`() throws {
        let reply = RedisReply.array((0..<100_000).map { .integer($0) })
        let isSame = try read([RESPOracle.encode(reply)]) == [reply]
        #expect(isSame)
    }

    @Test func `Eight nested arrays are read`() throws {
        let reply = (0..<8).reduce(RedisReply.integer(1)) { inner, _ in .array([inner]) }
        #expect(try read([RESPOracle.encode(reply)]) == [reply])
    }

    @Test func `Nine nested arrays are a protocol error`() {
        let reply = (0..<9).reduce(RedisReply.integer(1)) { inner, _ in .array([inner]) }
        #expect(code { try read([RESPOracle.encode(reply)]) } == .protocolError)
    }

    @Test(arguments: [
        "?what\r\n", ":12a\r\n", ":\r\n", "$-2\r\n", "$abc\r\n", "*-2\r\n", "*99999999999999999999\r\n", "\r\n",
        "*1\r\n%1\r\n", "$9223372036854775808\r\n", "_\r\n\u{0}", ",1.5\r\n", "#t\r\n", "~1\r\n:1\r\n", ">1\r\n:1\r\n",
    ])
    func `What is not RESP2 is a protocol error`(text: String) {
        #expect(code { try read([Array(text.utf8)]) } == .protocolError)
    }

    @Test func `Replies before a malformed one are delivered, and none after it`() {
        var reader = ReplyReader()
        var replies: [RedisReply] = []
        #expect(code { try feed(Array("+OK\r\n?\r\n".utf8), to: &reader, into: &replies) } == .protocolError)
        #expect(code { try feed(Array("+LATER\r\n".utf8), to: &reader, into: &replies) } == .protocolError)
        #expect(replies == [.status("OK")])
    }

    @Test func `A string above the limit is a protocol error before it is complete`() {
        let wire = Array("$100000\r\n".utf8) + [UInt8](repeating: 1, count: 50_000)
        #expect(code { try read([wire], maximumBuffered: 20_000) } == .protocolError)
    }

    @Test func `A reader that goes in the middle of a reply frees what it holds`() throws {
        // For the address sanitizer.
        for cut in [5, 9, 12, 20] {
            #expect(try read([Array("*2\r\n*2\r\n$3\r\nabc\r\n$30".utf8.prefix(cut))]).isEmpty)
        }
    }

    private func code(_ body: () throws -> Void) -> RedisError.Code? {
        do {
            try body()
            return nil
        } catch {
            return (error as? RedisError)?.code
        }
    }

    private func code(_ body: () throws -> [RedisReply]) -> RedisError.Code? {
        code { _ = try body() }
    }
}
