import Testing

@testable import RedisClient

@Suite("Replies and errors") struct RedisReplyTests {
    @Test func `Accessors give what a reply holds`() throws {
        #expect(try RedisReply.integer(5).asInteger == 5)
        #expect(try RedisReply.bytes(Array("-42".utf8)).asInt == -42)
        #expect(try RedisReply.bytes(Array("-9223372036854775808".utf8)).asInteger == .min)
        #expect(try RedisReply.status("OK").asString == "OK")
        #expect(try RedisReply.bytes([0xC3, 0xA9]).asString == "é")
        #expect(try RedisReply.bytes([255]).asBytes == [255])
        #expect(try RedisReply.array([.null, .integer(1)]).element(1) == .integer(1))
        #expect(try RedisReply.null.nonNull?.asString == nil)
    }

    @Test(arguments: ["", "-", "9223372036854775808", "-9223372036854775809", "1 ", "0x1", "1.0"])
    func `What is no integer is not read as one`(text: String) {
        #expect(throws: RedisError.self) { try RedisReply.bytes(Array(text.utf8)).asInteger }
    }

    @Test func `A mismatch names what was expected and what came`() {
        let error = #expect(throws: RedisError.self) { try RedisReply.integer(5).asArray }
        #expect(error?.code == .unexpectedReply)
        #expect(error?.message == "expected an array, got an integer")
        let other = #expect(throws: RedisError.self) { try RedisReply.bytes([255]).asString }
        #expect(other?.message == "expected a string in UTF-8, got a string of 1 bytes")
    }

    @Test func `Reading a value from an error reply throws that error`() {
        let error = #expect(throws: RedisError.self) {
            try RedisReply.error(RedisServerError(message: "WRONGTYPE no")).asInteger
        }
        #expect(error?.code == .serverError)
        #expect(error?.serverError?.code == "WRONGTYPE")
    }

    @Test(arguments: [
        ("NOAUTH Authentication required.", RedisError.Code.authenticationFailed, false),
        ("WRONGPASS invalid", .authenticationFailed, false), ("NOPERM no", .permissionDenied, false),
        ("READONLY You can't write", .readOnlyReplica, false), ("NOSCRIPT No matching script", .noScript, false),
        ("OOM command not allowed", .outOfMemory, false), ("MISCONF Redis is configured", .outOfMemory, false),
        ("LOADING Redis is loading", .serverError, false), ("ERR something", .serverError, true),
        ("WRONGTYPE Operation against a key", .serverError, false),
        ("WRONGTYPE Operation against a key script: abc, on @user_script:1.", .serverError, true),
    ])
    func `Errors of the server get codes, and say whether something may have been done`(
        message: String, code: RedisError.Code, mayHaveExecuted: Bool
    ) {
        let error = RedisError(server: RedisServerError(message: message))
        #expect(error.code == code)
        #expect(error.mayHaveExecuted == mayHaveExecuted)
    }

    @Test func `The code of a server error is its first word in capitals`() {
        #expect(RedisServerError(message: "ERR no").code == "ERR")
        #expect(RedisServerError(message: "no such thing").code == "")
        #expect(RedisServerError(message: "").code == "")
    }
}
