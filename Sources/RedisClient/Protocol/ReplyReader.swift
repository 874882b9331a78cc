private import CHiredisShim

/// Turns received bytes into replies. hiredis' reader does the parsing.
///
/// Bytes may be cut anywhere. After an error the stream cannot be understood any more: the reader keeps failing and the
/// connection must be closed.
struct ReplyReader: ~Copyable {
    private let builder: UnsafeMutablePointer<ReplyBuilder>
    private let reader: OpaquePointer
    private let maximumBuffered: Int

    /// - Parameter maximumBuffered: how many bytes of one incomplete string may wait for its end.
    init(maximumBuffered: Int = 1 << 30) {
        builder = .allocate(capacity: 1)
        builder.initialize(to: ReplyBuilder())
        guard let reader = chiredis_reader_create(Self.callbacks, builder) else {
            fatalError("out of memory: no reply reader")
        }
        self.reader = reader
        self.maximumBuffered = maximumBuffered
    }

    deinit {
        chiredis_reader_free(reader)
        builder.deinitialize(count: 1)
        builder.deallocate()
    }

    /// Takes all of `bytes` and calls `body` for each reply that they complete, in order.
    ///
    /// - Throws: ``RedisError/Code/protocolError``. The replies before the error have been given to `body`.
    mutating func read(_ bytes: UnsafeRawBufferPointer, _ body: (RedisReply) -> Void) throws(RedisError) {
        // hiredis moves the rest of its buffer to the front after each kilobyte it has parsed: in small pieces that costs
        // little, in large ones the square of their size.
        let pieceSize = 16 * 1024
        var start = 0
        while start < bytes.count {
            let piece = UnsafeRawBufferPointer(rebasing: bytes[start..<min(start + pieceSize, bytes.count)])
            start += piece.count
            guard
                chiredis_reader_feed(reader, piece.baseAddress?.assumingMemoryBound(to: CChar.self), piece.count)
            else { throw failure() }
            while let reply = try next() { body(reply) }
            guard chiredis_reader_buffered(reader) <= maximumBuffered else {
                throw RedisError(.protocolError, "a string longer than \(maximumBuffered) bytes")
            }
        }
    }

    private mutating func next() throws(RedisError) -> RedisReply? {
        switch chiredis_reader_next(reader) {
        case chiredis_read_reply: return builder.pointee.take()
        case chiredis_read_more: return nil
        default: throw failure()
        }
    }

    private func failure() -> RedisError {
        let reason = builder.pointee.refusal ?? String(cString: chiredis_reader_error(reader))
        return RedisError(.protocolError, "the server's reply cannot be understood: \(reason)")
    }

    // Formed in nonisolated code: a closure made on an actor would check for it when the event loop calls.
    nonisolated(unsafe) private static let callbacks: UnsafePointer<chiredis_callbacks> = {
        let callbacks = UnsafeMutablePointer<chiredis_callbacks>.allocate(capacity: 1)
        callbacks.initialize(
            to: chiredis_callbacks(
                string: { context, kind, bytes, length in
                    let content = UnsafeRawBufferPointer(start: bytes, count: length)
                    let reply: RedisReply =
                        switch kind {
                        case chiredis_string_status: .status(String(decoding: content, as: UTF8.self))
                        case chiredis_string_error:
                            .error(RedisServerError(message: String(decoding: content, as: UTF8.self)))
                        default: .bytes([UInt8](content))
                        }
                    builder(context).pointee.add(reply)
                    return true
                },
                array: { context, count in builder(context).pointee.beginArray(of: count) },
                integer: { context, value in
                    builder(context).pointee.add(.integer(value))
                    return true
                },
                null: { context in
                    builder(context).pointee.add(.null)
                    return true
                },
                unsupported: { context, type in
                    let name = type.map { String(cString: $0) } ?? "unknown"
                    builder(context).pointee.refuse("a RESP3 \(name), and the connection speaks RESP2")
                    return false
                }
            )
        )
        return UnsafePointer(callbacks)
    }()

    private static func builder(_ context: UnsafeMutableRawPointer?) -> UnsafeMutablePointer<ReplyBuilder> {
        context.unsafelyUnwrapped.assumingMemoryBound(to: ReplyBuilder.self)
    }
}
