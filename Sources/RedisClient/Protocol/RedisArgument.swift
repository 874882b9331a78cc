/// Something that can be written as one argument of a command.
public protocol RedisArgument: Sendable {
    /// Appends the bytes of the argument, without any framing.
    func write(to bytes: inout [UInt8])
}

extension String: RedisArgument {
    /// Appends the text in UTF-8.
    public func write(to bytes: inout [UInt8]) { bytes.append(contentsOf: utf8) }
}

extension Substring: RedisArgument {
    /// Appends the text in UTF-8.
    public func write(to bytes: inout [UInt8]) { bytes.append(contentsOf: utf8) }
}

extension [UInt8]: RedisArgument {
    /// Appends the bytes as they are.
    public func write(to bytes: inout [UInt8]) { bytes.append(contentsOf: self) }
}

extension ArraySlice<UInt8>: RedisArgument {
    /// Appends the bytes as they are.
    public func write(to bytes: inout [UInt8]) { bytes.append(contentsOf: self) }
}

extension Int: RedisArgument {
    /// Appends the number in decimal notation.
    public func write(to bytes: inout [UInt8]) { bytes.append(contentsOf: String(self).utf8) }
}

extension Int64: RedisArgument {
    /// Appends the number in decimal notation.
    public func write(to bytes: inout [UInt8]) { bytes.append(contentsOf: String(self).utf8) }
}

extension UInt64: RedisArgument {
    /// Appends the number in decimal notation.
    public func write(to bytes: inout [UInt8]) { bytes.append(contentsOf: String(self).utf8) }
}

extension Double: RedisArgument {
    /// Appends the number in the shortest notation that reads back as the same value; infinities as Redis reads them.
    public func write(to bytes: inout [UInt8]) { bytes.append(contentsOf: String(self).utf8) }
}
