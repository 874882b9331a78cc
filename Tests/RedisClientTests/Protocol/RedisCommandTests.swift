import Testing

@testable import RedisClient

@Suite("Commands") struct RedisCommandTests {
    private func wire(_ command: RedisCommand) throws(RedisError) -> [UInt8] {
        var wire: [UInt8] = []
        try CommandFormatter.append(command, to: &wire)
        return wire
    }

    @Test func `A command is written as an array of strings`() throws {
        let command = RedisCommand("SET", "key", [UInt8]([0, 13, 10, 255]), "PX", 5000, Int64(-1), 1.5, "é"[...])
        #expect(
            try wire(command)
                == RESPOracle.encode(command: [
                    Array("SET".utf8), Array("key".utf8), [0, 13, 10, 255], Array("PX".utf8), Array("5000".utf8),
                    Array("-1".utf8), Array("1.5".utf8), Array("é".utf8),
                ]))
    }

    @Test func `All ways to make a command make the same`() {
        let literal: RedisCommand = ["RPUSH", "list", 1, 2]
        var appended = RedisCommand("RPUSH")
        appended.append("list")
        appended.append(contentsOf: [1, 2])
        #expect(literal == appended)
        #expect(literal == RedisCommand("RPUSH", "list", 1, 2))
        #expect(literal == RedisCommand(arguments: ["RPUSH", "list", "1", "2"]))
    }

    @Test func `Empty arguments are written`() throws {
        #expect(try wire(RedisCommand("", "", [UInt8]())) == RESPOracle.encode(command: [[], [], []]))
    }

    @Test(arguments: [1, 31, 32, 33, 5000])
    func `Commands of any number of arguments are written`(count: Int) throws {
        let arguments = (0..<count).map { Array("argument \($0)".utf8) }
        #expect(try wire(RedisCommand(arguments: arguments)) == RESPOracle.encode(command: arguments))
    }

    @Test(arguments: 0..<100) func `Random bytes are written as they are`(seed: Int) throws {
        var generator = SeededGenerator(state: UInt64(seed))
        let arguments: [[UInt8]] = (0..<Int.random(in: 1..<50, using: &generator)).map { _ in
            (0..<Int.random(in: 0..<300, using: &generator)).map { _ in .random(in: 0...255, using: &generator) }
        }
        #expect(try wire(RedisCommand(arguments: arguments)) == RESPOracle.encode(command: arguments))
    }

    @Test(arguments: [
        "", "quit", "SUBSCRIBE channel", "psubscribe a*", "SSUBSCRIBE a", "UNSUBSCRIBE", "PUNSUBSCRIBE", "SUNSUBSCRIBE",
        "Monitor", "RESET", "HELLO 3", "SYNC", "PSYNC ? -1", "client Reply off",
    ])
    func `Commands that would upset the order of replies are refused`(text: String) {
        let command = RedisCommand(arguments: text.split(separator: " "))
        #expect(throws: RedisError.self) { try wire(command) }
    }

    @Test(arguments: ["CLIENT LIST", "PUBLISH a b", "QUITE", "MONITORS", "BLPOP a 0", "CLIENT"])
    func `Other commands are not`(text: String) throws {
        #expect(try !wire(RedisCommand(arguments: text.split(separator: " "))).isEmpty)
    }

    @Test func `The description of a command shows none of its arguments`() {
        #expect(RedisCommand("AUTH", "secret").description == "AUTH (1 arguments)")
    }

    @Test func `A script's call with its source differs in nothing else`() {
        let script = RedisScript("return ARGV[1]")
        let call = script.call(keys: ["a", "b"], arguments: [1, "x"])
        #expect(call == script.call(keys: ["a", "b"], arguments: ["1", "x"]))
        #expect(call.withSource(of: script) == ["EVAL", script.source, "2", "a", "b", "1", "x"])
    }
}
