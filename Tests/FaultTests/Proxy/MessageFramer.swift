import NIOCore

/// Finds the ends of requests and replies in a stream of bytes: both are values of Redis' protocol.
enum MessageFramer {
    /// The length of the first whole value; `nil` if it is not all there.
    static func length(in buffer: ByteBuffer) -> Int? {
        var position = buffer.readerIndex
        return skip(buffer, &position) ? position - buffer.readerIndex : nil
    }

    /// The words of a request, without their lengths.
    static func words(of request: ByteBuffer, limit: Int) -> [String] {
        var request = request
        return String(buffer: request.readSlice(length: min(request.readableBytes, 1024))!)
            .split(separator: "\r\n", omittingEmptySubsequences: false).dropFirst(2).prefix(2 * limit).enumerated()
            .compactMap { $0.offset.isMultiple(of: 2) ? String($0.element) : nil }
    }

    private static func skip(_ buffer: ByteBuffer, _ position: inout Int) -> Bool {
        guard let type = buffer.getInteger(at: position, as: UInt8.self), let line = line(buffer, &position) else {
            return false
        }
        switch type {
        case UInt8(ascii: "$"):
            guard let length = Int(line), length >= 0 else { return true }
            position += length + 2
            return position <= buffer.writerIndex
        case UInt8(ascii: "*"):
            for _ in 0..<max(0, Int(line) ?? 0) where !skip(buffer, &position) { return false }
            return true
        default:
            return true
        }
    }

    /// What stands between the type and the end of the line.
    private static func line(_ buffer: ByteBuffer, _ position: inout Int) -> String? {
        let view = buffer.viewBytes(at: position, length: buffer.writerIndex - position)
        guard let view, let end = view.firstIndex(of: UInt8(ascii: "\n")) else { return nil }
        let text = String(decoding: view[view.startIndex + 1..<end], as: UTF8.self)
        position += end - view.startIndex + 1
        return text.hasSuffix("\r") ? String(text.dropLast()) : text
    }
}
