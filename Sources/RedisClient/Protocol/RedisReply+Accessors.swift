extension RedisReply {
    /// Whether this is a null reply.
    public var isNull: Bool {
        if case .null = self { true } else { false }
    }

    /// `nil` for a null reply, otherwise the reply itself: `try reply.nonNull?.asString`.
    public var nonNull: RedisReply? {
        isNull ? nil : self
    }

    /// The error that this reply is, if it is one.
    public var serverError: RedisServerError? {
        if case .error(let error) = self { error } else { nil }
    }

    /// The integer of an integer reply, or of a string in decimal notation (the fields of a hash come that way).
    ///
    /// - Throws: ``RedisError/Code/unexpectedReply`` for any other reply; for an error reply, that error.
    public var asInteger: Int64 {
        get throws(RedisError) {
            switch self {
            case .integer(let value):
                return value
            case .bytes(let bytes):
                guard let value = Int64(decimal: bytes) else { throw mismatch("an integer") }
                return value
            default:
                throw mismatch("an integer")
            }
        }
    }

    /// The integer as an `Int`, by the rules of ``asInteger``.
    ///
    /// - Throws: ``RedisError/Code/unexpectedReply`` for any other reply; for an error reply, that error.
    public var asInt: Int {
        get throws(RedisError) {
            guard let value = Int(exactly: try asInteger) else { throw mismatch("an integer that fits in Int") }
            return value
        }
    }

    /// The bytes of a string or of a status.
    ///
    /// - Throws: ``RedisError/Code/unexpectedReply`` for any other reply; for an error reply, that error.
    public var asBytes: [UInt8] {
        get throws(RedisError) {
            switch self {
            case .bytes(let bytes): return bytes
            case .status(let text): return Array(text.utf8)
            default: throw mismatch("a string")
            }
        }
    }

    /// The text of a string or of a status.
    ///
    /// - Throws: ``RedisError/Code/unexpectedReply`` for any other reply and for a string that is not UTF-8; for an error
    ///   reply, that error.
    public var asString: String {
        get throws(RedisError) {
            switch self {
            case .status(let text):
                return text
            case .bytes(let bytes):
                guard let text = String(validating: bytes, as: UTF8.self) else { throw mismatch("a string in UTF-8") }
                return text
            default:
                throw mismatch("a string")
            }
        }
    }

    /// The elements of an array.
    ///
    /// - Throws: ``RedisError/Code/unexpectedReply`` for any other reply; for an error reply, that error.
    public var asArray: [RedisReply] {
        get throws(RedisError) {
            guard case .array(let elements) = self else { throw mismatch("an array") }
            return elements
        }
    }

    /// The element of an array at a position counted from 0.
    ///
    /// - Throws: ``RedisError/Code/unexpectedReply`` if this is no array, or a shorter one; for an error reply, that error.
    public func element(_ index: Int) throws(RedisError) -> RedisReply {
        let elements = try asArray
        guard elements.indices.contains(index) else { throw mismatch("an array of more than \(index)") }
        return elements[index]
    }

    private func mismatch(_ expected: String) -> RedisError {
        if case .error(let error) = self { return RedisError(server: error) }
        return RedisError(.unexpectedReply, "expected \(expected), got \(kind)")
    }
}

extension Int64 {
    /// Reads decimal digits with an optional minus sign, without building a `String`.
    fileprivate init?(decimal bytes: [UInt8]) {
        let isNegative = bytes.first == UInt8(ascii: "-")
        let digits = bytes.dropFirst(isNegative ? 1 : 0)
        guard !digits.isEmpty else { return nil }
        var value: Int64 = 0
        for byte in digits {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
            let digit = Int64(byte - UInt8(ascii: "0"))
            let (product, overflow) = value.multipliedReportingOverflow(by: 10)
            // Counted downwards: the smallest value has no positive counterpart.
            let (sum, overflow2) = product.subtractingReportingOverflow(digit)
            guard !overflow, !overflow2 else { return nil }
            value = sum
        }
        if isNegative {
            self = value
        } else {
            guard value != .min else { return nil }
            self = -value
        }
    }
}
