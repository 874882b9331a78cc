import Foundation

/// The data converter and the size limit that a client, a worker or a debugger applies to every payload.
package struct PayloadCodec: Sendable {
    package var converter: any DataConverter
    /// In bytes.
    package var limit: Int

    package init(converter: any DataConverter, limit: Int) {
        self.converter = converter
        self.limit = limit
    }

    package static let defaultLimit = 2 << 20

    package func encode<Value>(_ value: Value, _ coder: PayloadCoder<Value>, _ subject: @autoclosure () -> String)
        throws(PayloadError) -> EncodedPayload
    {
        let payload: EncodedPayload
        do { payload = try coder.encode(value, converter) } catch { throw .unencodable(subject(), error) }
        guard payload.bytes.count <= limit else {
            throw .tooLarge(subject(), count: payload.bytes.count, limit: limit)
        }
        return payload
    }

    func decode<Value>(_ bytes: [UInt8], _ coder: PayloadCoder<Value>, _ subject: @autoclosure () -> String)
        throws(PayloadError) -> Value
    {
        do { return try coder.decode(bytes, converter) } catch { throw .undecodable(subject(), error, bytes) }
    }

    /// A thrown error as a history holds it: with its fields, if it is `Codable` and they fit.
    func record(of error: any Error) -> FailureRecord {
        var details: [UInt8]?
        if let error = error as? any Codable & Error {
            details = try? encodeAny(error)
            if let size = details?.count, size > limit { details = nil }
        }
        return FailureRecord(
            type: String(describing: Swift.type(of: error)), message: message(of: error),
            details: details.map { Data($0) })
    }

    private func encodeAny<Value: Encodable>(_ value: Value) throws -> [UInt8] { try converter.encode(value) }
}
