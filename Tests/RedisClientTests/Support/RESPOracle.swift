@testable import RedisClient

/// A second opinion on RESP2, written in Swift for tests only: what hiredis should write and read.
enum RESPOracle {
    static func encode(_ reply: RedisReply) -> [UInt8] {
        switch reply {
        case .null: Array("$-1\r\n".utf8)
        case .integer(let value): Array(":\(value)\r\n".utf8)
        case .status(let text): Array("+\(text)\r\n".utf8)
        case .error(let error): Array("-\(error.message)\r\n".utf8)
        case .bytes(let bytes): Array("$\(bytes.count)\r\n".utf8) + bytes + Array("\r\n".utf8)
        case .array(let elements): Array("*\(elements.count)\r\n".utf8) + elements.flatMap(encode)
        }
    }

    static func encode(command arguments: [[UInt8]]) -> [UInt8] {
        encode(.array(arguments.map { .bytes($0) }))
    }

    /// Any reply, no deeper than `depth` arrays.
    static func random(depth: Int, using generator: inout some RandomNumberGenerator) -> RedisReply {
        switch Int.random(in: 0..<(depth > 0 ? 8 : 6), using: &generator) {
        case 0: .null
        case 1: .integer(.random(in: .min ... .max, using: &generator))
        case 2:
            .status(
                ["OK", "QUEUED", "", "a longer status than fits in a small string"].randomElement(using: &generator)!)
        case 3: .error(RedisServerError(message: ["ERR no", "NOSCRIPT", ""].randomElement(using: &generator)!))
        case 4, 5:
            .bytes((0..<Int.random(in: 0..<40, using: &generator)).map { _ in .random(in: 0...255, using: &generator) })
        default:
            .array(
                (0..<Int.random(in: 0..<5, using: &generator)).map { _ in random(depth: depth - 1, using: &generator) })
        }
    }
}

/// A generator whose numbers depend on the seed alone (SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
