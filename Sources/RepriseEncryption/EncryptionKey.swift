import Crypto
public import Reprise

/// A secret, and the name under which payloads refer to it.
public struct EncryptionKey: Sendable, CustomStringConvertible {
    /// Its name. It is stored with each payload, in clear.
    public let id: String
    private let secret: SymmetricKey

    /// Makes a key.
    ///
    /// - Parameters:
    ///   - id: 1 to 64 letters (A to Z), digits, dashes, dots or underscores. It never names another key.
    ///   - bytes: 32 random bytes, such as `openssl rand 32` makes. No password.
    /// - Throws: ``Reprise/InvalidArgument``; it doesn't show the bytes.
    public init(id: String, bytes: some Collection<UInt8>) throws(InvalidArgument) {
        let isPlain = { (byte: UInt8) in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"):
                true
            default: false
            }
        }
        guard (1...64).contains(id.utf8.count), id.utf8.allSatisfy(isPlain) else {
            throw InvalidArgument(
                field: "id", value: id, problem: "a key's id has 1 to 64 letters, digits, dashes, dots or underscores")
        }
        guard bytes.count == 32 else {
            throw InvalidArgument(
                field: "bytes", value: "(secret)",
                problem: "the key “\(id)” has \(bytes.count) bytes; give 32 random ones")
        }
        self.id = id
        secret = SymmetricKey(data: Array(bytes))
    }

    /// The id alone.
    public var description: String { "encryption key \(id)" }

    /// A key for one purpose, from which nobody learns this one (HKDF, RFC 5869).
    func derived(for purpose: String, salt: some Collection<UInt8> = []) -> SymmetricKey {
        HKDF<SHA256>.expand(
            pseudoRandomKey: secret, info: Array(purpose.utf8) + Array(salt), outputByteCount: 32)
    }
}

extension EncryptionKey: CustomReflectable {
    /// Nothing that `dump` could show.
    public var customMirror: Mirror { Mirror(self, children: ["id": id]) }
}
