import Foundation

/// Turns inputs, outputs, signals and errors into the bytes that a history holds, and back.
///
/// Encryption and compression belong here; `RepriseEncryption` has a converter that encrypts what another one encodes.
/// Clients, workers and debuggers of one namespace need the same converter.
public protocol DataConverter: Sendable {
    /// Encodes a value.
    func encode<Value: Encodable>(_ value: Value) throws -> [UInt8]

    /// Decodes what ``encode(_:)`` made.
    func decode<Value: Decodable>(_ type: Value.Type, from bytes: [UInt8]) throws -> Value

    /// A hash by which replay recognises an activity's input: equal values give equal hashes in every process, whatever
    /// the encoded bytes are.
    ///
    /// The default hashes the value's JSON with sorted keys. Return `nil` to match activities by position and name only.
    ///
    /// Replay compares the values themselves where the hashes differ, so a hash that depends on a secret may change with it.
    func fingerprint<Value: Encodable>(of value: Value, encodedAs bytes: [UInt8]) throws -> UInt64?

    /// Whether the texts that stand beside payloads go through the converter as well: what errors say, and the reasons
    /// that people give for a cancellation or a retry. Then the engine's own messages quote no payload, either.
    ///
    /// Default: `false`, so that they can be read in the store.
    var encodesTexts: Bool { get }
}

extension DataConverter {
    /// Texts stay as they are.
    public var encodesTexts: Bool { false }

    /// The hash of the value's JSON with sorted keys.
    public func fingerprint<Value: Encodable>(of value: Value, encodedAs bytes: [UInt8]) throws -> UInt64? {
        Fingerprint.hash(try JSONDataConverter().encode(value))
    }
}

/// JSON with sorted keys: the default.
public struct JSONDataConverter: DataConverter {
    /// Makes the converter.
    public init() {}

    /// Encodes as JSON with sorted keys, so that equal dictionaries give equal bytes in every process.
    public func encode<Value: Encodable>(_ value: Value) throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return try Array(encoder.encode(value))
    }

    /// Decodes JSON.
    public func decode<Value: Decodable>(_ type: Value.Type, from bytes: [UInt8]) throws -> Value {
        try JSONDecoder().decode(type, from: Data(bytes))
    }

    /// The hash of the encoded bytes, which are canonical already.
    public func fingerprint<Value: Encodable>(of value: Value, encodedAs bytes: [UInt8]) throws -> UInt64? {
        Fingerprint.hash(bytes)
    }
}

/// FNV-1a with 64 bits (Fowler, Noll and Vo): fixed for ever, unlike Swift's `Hasher`, which is seeded by the process.
package enum Fingerprint {
    package static func hash(_ bytes: [UInt8]) -> UInt64 {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in bytes {
            hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3
        }
        return hash
    }
}
