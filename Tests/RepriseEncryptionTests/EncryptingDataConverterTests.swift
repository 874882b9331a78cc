import Reprise
import RepriseEncryption
import Testing

@Suite struct EncryptingDataConverterTests {
    private struct Card: Codable, Equatable { var number: String }

    private let card = Card(number: "4111-1111")
    private func key(_ id: String, _ byte: UInt8 = 7) throws -> EncryptionKey {
        try EncryptionKey(id: id, bytes: [UInt8](repeating: byte, count: 32))
    }

    @Test func `What is decrypted is what was encrypted, and each time the bytes are others`() throws {
        let converter = try EncryptingDataConverter(key: key("a"))
        let (one, two) = (try converter.encode(card), try converter.encode(card))
        #expect(one != two)
        #expect(one.starts(with: "AESGCM1:a:".utf8))
        #expect(try converter.decode(Card.self, from: one) == card)
        #expect(try converter.decode(Card.self, from: two) == card)
    }

    @Test func `An old key decrypts, and the new one encrypts`() throws {
        let old = try EncryptingDataConverter(key: key("a", 1)).encode(card)
        let converter = try EncryptingDataConverter(key: key("b", 2), otherKeys: [key("a", 1)])
        #expect(try converter.decode(Card.self, from: old) == card)
        #expect(try converter.encode(card).starts(with: "AESGCM1:b:".utf8))
    }

    @Test func `A key that is missing is named, with those that are there`() throws {
        let old = try EncryptingDataConverter(key: key("a")).encode(card)
        let converter = try EncryptingDataConverter(key: key("c"), otherKeys: [key("b")])
        let error = try #require(throws: DecryptionError.self) { try converter.decode(Card.self, from: old) }
        #expect(error.missingKey == "a")
        #expect(error.message.contains("“a”") && error.message.contains("b, c"))
    }

    @Test func `No bit of a payload can be changed`() throws {
        let converter = try EncryptingDataConverter(key: key("a"))
        let bytes = try converter.encode(card)
        for index in bytes.indices {
            for bit in 0..<8 {
                var changed = bytes
                changed[index] ^= 1 << bit
                #expect(throws: DecryptionError.self) { try converter.decode(Card.self, from: changed) }
            }
        }
        for length in 0..<bytes.count {
            #expect(throws: DecryptionError.self) {
                try converter.decode(Card.self, from: Array(bytes.prefix(length)))
            }
        }
    }

    @Test func `A key of the same id and other bytes is told from a key that is missing`() throws {
        let bytes = try EncryptingDataConverter(key: key("a", 1)).encode(card)
        let converter = try EncryptingDataConverter(key: key("a", 2))
        let error = try #require(throws: DecryptionError.self) { try converter.decode(Card.self, from: bytes) }
        #expect(error.missingKey == nil)
        #expect(error.message.contains("“a”"))
    }

    @Test func `Payloads in clear are read only if that is asked for`() throws {
        let plain = try JSONDataConverter().encode(card)
        let strict = try EncryptingDataConverter(key: key("a"))
        #expect(throws: DecryptionError.self) { try strict.decode(Card.self, from: plain) }
        let lenient = try EncryptingDataConverter(key: key("a"), acceptsPlainPayloads: true)
        #expect(try lenient.decode(Card.self, from: plain) == card)
    }

    @Test func `The fingerprint is the same for equal values, and another without the key`() throws {
        let converter = try EncryptingDataConverter(key: key("a", 1))
        func print(_ converter: some DataConverter) throws -> UInt64? {
            try converter.fingerprint(of: card, encodedAs: converter.encode(card))
        }
        #expect(try print(converter) == print(converter))
        #expect(try print(converter) != print(EncryptingDataConverter(key: key("a", 2))))
        #expect(try print(converter) != print(JSONDataConverter()))
    }

    @Test(arguments: ["", "a:b", "ä", "a b", String(repeating: "x", count: 65)])
    func `An id that could be mistaken is refused`(_ id: String) {
        #expect(throws: InvalidArgument.self) { try key(id) }
    }

    @Test func `A key of another length is refused without being shown`() throws {
        let error = try #require(throws: InvalidArgument.self) { try EncryptionKey(id: "a", bytes: [1, 2, 3]) }
        #expect(error.description.contains("32"))
        var shown = ""
        dump(try key("a"), to: &shown)
        #expect(!shown.contains("7"))
    }

    @Test func `Two keys of one id are refused`() throws {
        #expect(throws: InvalidArgument.self) { try EncryptingDataConverter(key: key("a"), otherKeys: [key("a")]) }
    }
}
