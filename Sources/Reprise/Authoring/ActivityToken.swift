/// Names one attempt of an activity that goes on outside its worker, see ``ActivityContext/completeLater()``.
///
/// Give it to whoever will finish the activity, as text: ``description`` is printable ASCII but for the workflow id, so
/// escape it in a URL. It is no secret and gives nobody access: who can reach the store can make one.
public struct ActivityToken: Hashable, Sendable, CustomStringConvertible {
    let claim: ActivityClaim

    init(_ claim: ActivityClaim) { self.claim = claim }

    /// Reads what ``description`` wrote.
    ///
    /// - Throws: ``InvalidArgument`` if it is no token, or a part of one.
    public init(_ text: String) throws(InvalidArgument) {
        let parts = text.split(separator: "/", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3, let operation = Int(parts[0]), !parts[1].isEmpty, let run = RunID(parts[2]),
            !run.workflowID.isEmpty
        else {
            throw InvalidArgument(
                field: "token", value: text,
                problem: "it is not the whole text of an activity's completionToken; was it cut off, or escaped twice?")
        }
        claim = ActivityClaim(run: run, operation: operation, nonce: String(parts[1]))
    }

    /// The run that scheduled the activity.
    public var run: RunID { claim.run }

    /// The text.
    public var description: String { "\(claim.operation)/\(claim.nonce)/\(claim.run)" }
}

extension ActivityToken: Codable {
    /// Decodes the text.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        do {
            try self.init(container.decode(String.self))
        } catch let error as InvalidArgument {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: error.description)
        }
    }

    /// Encodes the text.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}

/// Thrown for a token whose activity is not waited for under it any more: it was completed or failed, perhaps by this very
/// call when it was sent before; it timed out, was cancelled or handed to another worker; or its run has ended.
public struct ActivityTokenExpired: Error, Hashable, Sendable, CustomStringConvertible {
    /// The token.
    public let token: ActivityToken
    /// The message for a log.
    public var description: String { "the activity of token “\(token)” is not waited for any more" }
}

/// Thrown by ``ActivityContext/completeLater()``.
struct CompletesLater: Error {}
