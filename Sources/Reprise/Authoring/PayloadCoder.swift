/// How values of one type become payload bytes: `Codable` ones through the data converter, `Void` as no bytes.
///
/// You never make one: ``Workflow``, ``Activity`` and ``Signal`` pick it by their types.
public struct PayloadCoder<Value: Sendable>: Sendable {
    let encode: @Sendable (Value, any DataConverter) throws -> EncodedPayload
    let decode: @Sendable ([UInt8], any DataConverter) throws -> Value
    /// Whether two values mean the same. Asked only when their fingerprints differ: a `Set` has no order to hash.
    let areEqual: @Sendable (Value, Value) -> Bool
}

/// A payload and the hash by which replay recognises it.
package struct EncodedPayload {
    package var bytes: [UInt8]
    var fingerprint: UInt64?
}

extension PayloadCoder where Value: Codable {
    /// The coder of a `Codable` type.
    public static var codable: PayloadCoder {
        PayloadCoder(
            encode: { value, converter in
                let bytes = try converter.encode(value)
                return EncodedPayload(bytes: bytes, fingerprint: try converter.fingerprint(of: value, encodedAs: bytes))
            },
            decode: { bytes, converter in
                try FailureRecord.decodingNested(with: converter) { try converter.decode(Value.self, from: bytes) }
            },
            areEqual: { one, other in
                if let one = one as? any Equatable { return one.isEqual(to: other) }
                let json = JSONDataConverter()
                guard let one = try? json.encode(one), let other = try? json.encode(other) else { return false }
                return one == other
            })
    }
}

extension PayloadCoder where Value == Void {
    /// The coder of `Void`: no bytes.
    public static var void: PayloadCoder {
        PayloadCoder(
            encode: { _, _ in EncodedPayload(bytes: [], fingerprint: 0) },
            decode: { _, _ in () },
            areEqual: { _, _ in true })
    }
}

extension Equatable {
    fileprivate func isEqual(to other: Any) -> Bool { (other as? Self) == self }
}
