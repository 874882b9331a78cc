import Testing

@testable import Reprise

/// JSON that is to be kept from those who can read the store.
private struct DiscreetConverter: DataConverter {
    var encodesTexts: Bool { true }
    func encode<Value: Encodable>(_ value: Value) throws -> [UInt8] { try JSONDataConverter().encode(value) }
    func decode<Value: Decodable>(_ type: Value.Type, from bytes: [UInt8]) throws -> Value {
        try JSONDataConverter().decode(type, from: bytes)
    }
}

@Suite struct PayloadErrorTests {
    @Test(arguments: [#"{"secret":"secret"}"#, #"{"secret":null}"#, #"{"secret":{"secret":1}}"#])
    func `An error of a payload that is encrypted says nothing of what it holds`(json: String) throws {
        let codec = PayloadCodec(converter: DiscreetConverter(), limit: 1000)
        let error = #expect(throws: PayloadError.self) {
            try codec.decode(Array(json.utf8), as: [String: Int].self, "the input")
        }
        #expect(error?.message.contains("secret") == false, "\(error?.message ?? "")")
        #expect(error?.message.contains("Int") == true, "\(error?.message ?? "")")
    }

    @Test func `An error of one that isn't names the field`() throws {
        let codec = PayloadCodec(converter: JSONDataConverter(), limit: 1000)
        let error = #expect(throws: PayloadError.self) {
            try codec.decode(Array(#"{"a":{"b":"c"}}"#.utf8), as: [String: [String: Int]].self, "the input")
        }
        #expect(error?.message.contains("field a.b is not Int") == true, "\(error?.message ?? "")")
    }
}
