private import CHiredisShim

/// Writes commands as the server reads them. hiredis does the formatting.
enum CommandFormatter {
    /// Appends the command to `wire`.
    ///
    /// - Throws: ``RedisError/Code/invalidCommand`` for a command that would leave its connection without a reply or with
    ///   more than one, and for one that hiredis cannot format (more than 2 GB).
    static func append(_ command: RedisCommand, to wire: inout [UInt8]) throws(RedisError) {
        if let reason = command.reasonNotToSend { throw RedisError(.invalidCommand, reason) }
        try appendUnchecked(command, to: &wire)
    }

    /// Appends without asking whether the command keeps one reply per command: for the subscription connection.
    static func appendUnchecked(_ command: RedisCommand, to wire: inout [UInt8]) throws(RedisError) {
        let isFormatted = command.bytes.withUnsafeBytes { bytes in
            command.ends.withUnsafeBufferPointer { ends in
                // Int and size_t have the same size; a size is never negative.
                ends.withMemoryRebound(to: UInt.self) { ends in
                    var length = 0
                    // All arguments may be empty, and then there may be no base address.
                    let start = bytes.baseAddress ?? UnsafeRawPointer(ends.baseAddress.unsafelyUnwrapped)
                    guard
                        let formatted = chiredis_format(
                            start.assumingMemoryBound(to: CChar.self), ends.baseAddress, ends.count, &length)
                    else { return false }
                    wire.append(contentsOf: UnsafeRawBufferPointer(start: formatted, count: length))
                    chiredis_formatted_free(formatted)
                    return true
                }
            }
        }
        guard isFormatted else { throw RedisError(.invalidCommand, "\(command) could not be formatted: too large") }
    }
}
