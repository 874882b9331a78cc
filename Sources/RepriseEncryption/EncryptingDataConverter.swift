import Crypto
import Foundation
public import Reprise

/// Encrypts what another converter encodes, with AES-GCM: the store sees only cipher text of inputs, outputs, signals,
/// heartbeats, side effects, and of what errors hold and say.
///
/// ```swift
/// let converter = try EncryptingDataConverter(key: EncryptionKey(id: "2026-07", bytes: secret))
/// let client = WorkflowClient(backend: backend, dataConverter: converter)
/// let worker = try Worker(backend: backend, queue: "billing", dataConverter: converter, logger: logger) {
///     Subscription.self
///     PaymentActivities(gateway: stripe)
/// }
/// ```
///
/// Clients, workers and debuggers of a namespace need the same keys. To change the key, first give all of them the new one
/// among the `otherKeys`, then make it the `key`; keep the old one for as long as runs that began with it are kept.
///
/// In clear stay workflow ids, the names of workflow types, activities, signals and queues, versions, times, the types of
/// errors, source positions, and how long each payload is. Equal inputs of activities are seen to be equal: replay
/// recognises them by a keyed hash. A payload can't be forged or changed, but who may write to the store can put an
/// old one in the place of another.
public struct EncryptingDataConverter: DataConverter {
    private let key: EncryptionKey
    private let keys: [String: EncryptionKey]
    private let base: any DataConverter
    private let acceptsPlainPayloads: Bool
    private let fingerprintKey: SymmetricKey

    /// Makes the converter.
    ///
    /// - Parameters:
    ///   - key: encrypts.
    ///   - otherKeys: decrypt, too: older ones, and one that will be the `key` soon.
    ///   - base: makes what is encrypted. Default: JSON.
    ///   - acceptsPlainPayloads: whether payloads that aren't encrypted are read: only while runs are open that began
    ///     before you encrypted. Default: `false`; then who may write to the store can't hand you any.
    /// - Throws: ``Reprise/InvalidArgument`` if two keys have one id.
    public init(
        key: EncryptionKey, otherKeys: [EncryptionKey] = [], base: any DataConverter = JSONDataConverter(),
        acceptsPlainPayloads: Bool = false
    ) throws(InvalidArgument) {
        var keys = [key.id: key]
        for other in otherKeys where keys.updateValue(other, forKey: other.id) != nil {
            throw InvalidArgument(
                field: "otherKeys", value: other.id, problem: "two keys have this id; give each key an id of its own")
        }
        self.key = key
        self.keys = keys
        self.base = base
        self.acceptsPlainPayloads = acceptsPlainPayloads
        fingerprintKey = key.derived(for: "reprise fingerprint")
    }

    /// Encodes and encrypts.
    public func encode<Value: Encodable>(_ value: Value) throws -> [UInt8] {
        try EncryptedPayload.seal(base.encode(value), with: key)
    }

    /// Decrypts and decodes.
    ///
    /// - Throws: ``Reprise/DecryptionError``, and what the converter throws that made the bytes.
    public func decode<Value: Decodable>(_ type: Value.Type, from bytes: [UInt8]) throws -> Value {
        try base.decode(type, from: decrypted(bytes))
    }

    /// A hash that depends on the key, so that nobody finds an input by trying all there are.
    public func fingerprint<Value: Encodable>(of value: Value, encodedAs bytes: [UInt8]) throws -> UInt64? {
        guard let plain = try base.fingerprint(of: value, encodedAs: decrypted(bytes)) else { return nil }
        let code = HMAC<SHA256>.authenticationCode(
            for: withUnsafeBytes(of: plain.bigEndian) { Array($0) }, using: fingerprintKey)
        return code.prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
    }

    /// Errors' messages and people's reasons are encrypted, too.
    public var encodesTexts: Bool { true }

    private func decrypted(_ bytes: [UInt8]) throws(DecryptionError) -> [UInt8] {
        guard let payload = EncryptedPayload(bytes) else {
            guard acceptsPlainPayloads else {
                throw .invalid("it is not encrypted; who wrote it had another data converter")
            }
            return bytes
        }
        guard let key = keys[payload.keyID] else { throw .missingKey(payload.keyID, known: keys.keys.sorted()) }
        return try payload.open(with: key)
    }
}
