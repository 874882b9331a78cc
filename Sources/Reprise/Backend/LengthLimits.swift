/// How long names and texts may be, in bytes of UTF-8, whoever gives them. They become parts of keys, lists and records that
/// scripts read again and again.
///
/// A name that is too long is refused: with ``InvalidArgument`` where a user hands it in, with `invalidRequest` by a backend.
/// A text is cut, with `…` at its end. Payloads have a limit of their own, see ``WorkerOptions/payloadLimit``.
public enum LengthLimits {
    /// Workflow ids, types, activities, signals, queues, versions, builds, names of workers, request and signal ids. None is
    /// empty but versions, builds and the names of workers.
    public static let name = 255
    /// Reasons, and what errors say.
    public static let text = 4096
    /// How many workflow types a worker may have, and how many activities.
    public static let types = 1000
    /// How many error types a retry policy may name.
    public static let errorTypes = 64

    static func fault(inName name: String, mayBeEmpty: Bool = false) -> String? {
        let length = name.utf8.count
        if length == 0, !mayBeEmpty { return "it must not be empty" }
        return length > self.name ? "it has \(length) bytes; use at most \(self.name), such as a hash" : nil
    }

    /// The first name that is wrong, as a sentence about it.
    static func fault(in names: [(field: String, name: String, mayBeEmpty: Bool)]) -> String? {
        for (field, name, mayBeEmpty) in names {
            if let fault = fault(inName: name, mayBeEmpty: mayBeEmpty) { return "the \(field): \(fault)" }
        }
        return nil
    }
}

extension String {
    /// The beginning of the text, if it is longer than so many bytes.
    package func cut(to limit: Int = LengthLimits.text) -> String {
        guard utf8.count > limit else { return self }
        let mark = "…"
        var end = utf8.index(startIndex, offsetBy: limit - mark.utf8.count)
        while end > startIndex, end.samePosition(in: unicodeScalars) == nil { end = utf8.index(before: end) }
        return String(self[..<end]) + mark
    }
}

extension StartRequest {
    /// Why it can't be meant.
    package var fault: String? {
        LengthLimits.fault(in: [
            ("workflow id", workflowID, false), ("request id", requestID, false), ("queue", queue, false),
            ("workflow type", record.type, false), ("version", record.version, true),
        ])
    }
}

extension SignalRecord {
    /// Why it can't be meant.
    package var fault: String? { LengthLimits.fault(in: [("signal's id", id, false), ("signal's name", name, false)]) }
}

extension WorkerRegistration {
    /// Why it can't be meant.
    package var fault: String? {
        guard id.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
            return "the worker's id: it has other characters than ASCII letters and digits"
        }
        for (field, names) in [("workflow types", workflowTypes), ("activities", activityNames)]
        where names.count > LengthLimits.types {
            return "the worker has \(names.count) \(field); the limit is \(LengthLimits.types)"
        }
        return LengthLimits.fault(
            in: [
                ("worker's id", id, false), ("worker's name", name, true), ("queue", queue, false),
                ("build", buildID, true),
            ]
                + workflowTypes.map { ("workflow type", $0, false) } + activityNames.map { ("activity", $0, false) })
    }
}

extension RetryPolicy {
    /// Why its list of error types can't be meant.
    var faultInTypes: String? {
        guard nonRetryable.count <= LengthLimits.errorTypes else {
            return "it names \(nonRetryable.count) error types; the limit is \(LengthLimits.errorTypes)"
        }
        return LengthLimits.fault(in: nonRetryable.map { ("error type", $0, true) })
    }
}
