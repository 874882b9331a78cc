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
