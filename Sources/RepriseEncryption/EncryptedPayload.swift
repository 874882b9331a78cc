import Crypto
import Foundation
import Reprise

/// What the store has of a payload: `AESGCM1:<key id>:<12 bytes><nonce><cipher text><tag>`.
///
/// The twelve random bytes go into a key for this payload alone: with one key for all, random nonces would have to
/// last for 2^32 payloads. What stands before the nonce is authenticated.
struct EncryptedPayload {
    let keyID: String
    private let header: ArraySlice<UInt8>
    private let sealed: ArraySlice<UInt8>

    private static let mark = Array("AESGCM1:".utf8)
    private static let saltLength = 12
    private static let purpose = "reprise payload "

    /// Finds the parts; `nil` if the bytes are something else.
    init?(_ bytes: [UInt8]) {
        guard bytes.starts(with: Self.mark),
            let end = bytes[Self.mark.count...].prefix(65).firstIndex(of: UInt8(ascii: ":"))
        else { return nil }
        keyID = String(decoding: bytes[Self.mark.count..<end], as: UTF8.self)
        let start = min(end + 1 + Self.saltLength, bytes.count)
        header = bytes[..<start]
        sealed = bytes[start...]
    }

    static func seal(_ plain: [UInt8], with key: EncryptionKey) throws -> [UInt8] {
        var generator = SystemRandomNumberGenerator()
        let salt = (0..<saltLength).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
        let header = mark + Array(key.id.utf8) + [UInt8(ascii: ":")] + salt
        let box = try AES.GCM.seal(plain, using: key.derived(for: purpose, salt: salt), authenticating: header)
        // There is one, since the nonce has its usual length.
        return header + Array(box.combined!)
    }

    func open(with key: EncryptionKey) throws(DecryptionError) -> [UInt8] {
        do {
            let derived = key.derived(for: Self.purpose, salt: header.suffix(Self.saltLength))
            return try Array(AES.GCM.open(AES.GCM.SealedBox(combined: sealed), using: derived, authenticating: header))
        } catch {
            throw .invalid(
                "it was changed after it was encrypted, or the key “\(key.id)” had other bytes then: a key's id never names "
                    + "another key")
        }
    }
}
