import Foundation

/// Texts that stand beside payloads, as a converter that encodes them has them in the store: `encoded:` and Base64.
/// Who can't decode one shows it like that.
extension DataConverter {
    func encoded(_ text: String) -> String {
        guard encodesTexts else { return text }
        // It must be short enough: an encoded text that is cut can't be decoded. And not be stored in clear, whatever happens.
        var limit = LengthLimits.text
        while limit > 0 {
            guard let bytes = try? encode(text.cut(to: limit)) else { break }
            let encoded = encodedTextMark + Data(bytes).base64EncodedString()
            if encoded.utf8.count <= LengthLimits.text { return encoded }
            limit /= 2
        }
        return encodedTextMark
    }

    func decoded(_ text: String) -> String {
        guard encodesTexts, text.utf8.starts(with: encodedTextMark.utf8),
            let data = Data(base64Encoded: String(text.dropFirst(encodedTextMark.count))),
            let decoded = try? decode(String.self, from: Array(data))
        else { return text }
        return decoded
    }

    /// The record with what the errors of its chain say encoded. Their details are encoded already; their types stay: the
    /// store compares them with retry policies.
    func encoded(_ record: FailureRecord) -> FailureRecord {
        encodesTexts ? record.mappingMessages(encoded) : record
    }

    func decoded(_ record: FailureRecord) -> FailureRecord {
        encodesTexts ? record.mappingMessages(decoded) : record
    }

    /// The description with the texts in it decoded, for those who read it: reasons, failures, and what had failed before.
    func decoded(_ description: RunDescription) -> RunDescription {
        guard encodesTexts else { return description }
        var description = description
        description.reason = description.reason.map(decoded)
        if let error = description.blockage?.lastError { description.blockage?.lastError = decodedAfterType(error) }
        switch description.outcome {
        case .failed(let record): description.outcome = .failed(decoded(record))
        case .cancelled(let reason): description.outcome = .cancelled(reason: decoded(reason))
        case .terminated(let reason): description.outcome = .terminated(reason: decoded(reason))
        case .completed, .continuedAsNew, nil: break
        }
        return description
    }

    /// Of an error's type, a colon and a message only the message is encoded.
    private func decodedAfterType(_ text: String) -> String {
        guard let mark = text.range(of: ": " + encodedTextMark) else { return decoded(text) }
        return text[..<mark.lowerBound] + ": " + decoded(String(text[mark.lowerBound...].dropFirst(2)))
    }
}

private let encodedTextMark = "encoded:"

extension FailureRecord {
    fileprivate func mappingMessages(_ transform: (String) -> String) -> FailureRecord {
        var record = self
        record.message = transform(message)
        record.cause = cause?.mappingMessages(transform)
        return record
    }
}
