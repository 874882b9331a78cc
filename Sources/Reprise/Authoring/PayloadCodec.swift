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
        do { payload = try coder.encode(value, converter) } catch {
            throw .unencodable(subject(), error, quoting: !converter.encodesTexts)
        }
        guard payload.bytes.count <= limit else {
            throw .tooLarge(subject(), count: payload.bytes.count, limit: limit)
        }
        return payload
    }

    func decode<Value>(_ bytes: [UInt8], _ coder: PayloadCoder<Value>, _ subject: @autoclosure () -> String)
        throws(PayloadError) -> Value
    {
        do { return try coder.decode(bytes, converter) } catch { throw undecodable(subject(), error, bytes) }
    }

    /// Encodes a value of which nobody needs the fingerprint.
    func encode(_ value: some Encodable, _ subject: @autoclosure () -> String) throws(PayloadError) -> [UInt8] {
        let bytes: [UInt8]
        do { bytes = try converter.encode(value) } catch {
            throw .unencodable(subject(), error, quoting: !converter.encodesTexts)
        }
        guard bytes.count <= limit else { throw .tooLarge(subject(), count: bytes.count, limit: limit) }
        return bytes
    }

    func decode<Value: Decodable>(
        _ bytes: [UInt8], as type: Value.Type, _ subject: @autoclosure () -> String
    ) throws(PayloadError) -> Value {
        do { return try converter.decode(type, from: bytes) } catch { throw undecodable(subject(), error, bytes) }
    }

    private func undecodable(_ subject: String, _ error: any Error, _ bytes: [UInt8]) -> PayloadError {
        .undecodable(subject, error, bytes, quoting: !converter.encodesTexts)
    }

    /// How long a chain of causes is recorded.
    private static let causeLimit = 16

    /// A thrown error as a history holds it: with its fields, if it is `Codable` and they fit, and with what it comes from.
    func record(of error: any Error) -> FailureRecord {
        converter.encoded(record(of: error, causes: PayloadCodec.causeLimit))
    }

    private func record(of error: any Error, causes: Int) -> FailureRecord {
        if let error = error as? any RecordedError { return error.record(self).limited(to: causes) }
        let cause = causes > 0 ? (error as? any CausedError)?.cause : nil
        return FailureRecord(
            type: typeName(of: error), message: message(of: error).cut(),
            details: (error as? any Codable & Error).flatMap { details(of: $0) },
            cause: cause.map { record(of: $0, causes: causes - 1) })
    }

    /// Encodes what a failure's record holds beside its message, if it can be and fits.
    func details(of value: some Encodable) -> Data? {
        guard let bytes = try? converter.encode(value), bytes.count <= limit else { return nil }
        return Data(bytes)
    }

    /// Without module and generic arguments; with the module if the name is one of the engine's own.
    private func typeName(of error: any Error) -> String {
        let name = String(String(describing: type(of: error)).prefix { $0 != "<" })
        guard FailureRecord.words.contains(name) else { return name.cut(to: LengthLimits.name) }
        return "\(String(reflecting: type(of: error)).prefix { $0 != "." }).\(name)"
    }
}
