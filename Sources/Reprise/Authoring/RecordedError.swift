/// An error that stands for a failure which a history holds already. That becomes the cause of its own record.
protocol RecordedError: Error {
    /// Its record, as far as the codec has room.
    func record(_ codec: PayloadCodec) -> FailureRecord
    /// Reads ``record(_:)``; `nil` if it is another error's.
    init?(recordedAs record: FailureRecord, converter: any DataConverter)
}

extension RecordedError {
    /// For errors that are not `Decodable`, which nobody asks for.
    init?(recordedAs record: FailureRecord, converter: any DataConverter) { nil }
}

extension FailureRecord {
    /// The error that was recorded, if it was `Codable` or a ``RecordedError``.
    func details<Failure: Decodable>(as type: Failure.Type, converter: any DataConverter) -> Failure? {
        if let type = type as? any RecordedError.Type {
            return type.init(recordedAs: self, converter: converter) as? Failure
        }
        guard let details else { return nil }
        return try? FailureRecord.decodingNested(with: converter) { try converter.decode(type, from: Array(details)) }
    }

    /// Decodes a value that may hold failures.
    static func decodingNested<Value>(with converter: any DataConverter, _ body: () throws -> Value) rethrows -> Value {
        // The default costs nothing.
        converter is JSONDataConverter ? try body() : try $nestedConverter.withValue(converter, operation: body)
    }

    /// What reads the details of a failure that is being decoded as part of another value.
    @TaskLocal static var nestedConverter: any DataConverter = JSONDataConverter()

    /// The record with so many causes at most.
    func limited(to causes: Int) -> FailureRecord {
        var record = self
        record.cause = causes > 0 ? cause?.limited(to: causes - 1) : nil
        return record
    }
}
