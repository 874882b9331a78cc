/// Writes fields one after the other as `<length>:<bytes>`, the form of every packed payload in a history.
///
/// It is binary safe, costs one copy, and still reads in `redis-cli`. Numbers are fields of decimal digits.
package struct PackedWriter {
    package private(set) var bytes: [UInt8] = []

    package init() {}

    package mutating func write(_ field: some Collection<UInt8>) {
        bytes.append(contentsOf: String(field.count).utf8)
        bytes.append(UInt8(ascii: ":"))
        bytes.append(contentsOf: field)
    }

    package mutating func write(_ field: String) { write(field.utf8) }

    package mutating func write(_ field: Int) { write(String(field).utf8) }

    /// Writes a field and tells where its bytes begin and end.
    package mutating func writeLocated(_ field: [UInt8]) -> Range<Int> {
        write(field)
        return bytes.count - field.count..<bytes.count
    }
}

/// Reads what ``PackedWriter`` wrote. Anything else is ``CorruptHistory``.
package struct PackedReader {
    private let bytes: [UInt8]
    private var position = 0

    package init(_ bytes: [UInt8]) { self.bytes = bytes }

    package var isAtEnd: Bool { position == bytes.count }

    package mutating func readBytes() throws(CorruptHistory) -> [UInt8] { Array(bytes[try readRange()]) }

    package mutating func readString() throws(CorruptHistory) -> String {
        String(decoding: bytes[try readRange()], as: UTF8.self)
    }

    package mutating func readInt() throws(CorruptHistory) -> Int {
        let text = try readString()
        guard let value = Int(text) else {
            throw CorruptHistory("expected a number at byte \(position), got “\(text)”")
        }
        return value
    }

    private mutating func readRange() throws(CorruptHistory) -> Range<Int> {
        var length = 0
        var index = position
        while index < bytes.count, bytes[index] != UInt8(ascii: ":") {
            let digit = Int(bytes[index]) - 48
            guard (0...9).contains(digit), length < 1 << 40 else {
                throw CorruptHistory("expected a field's length at byte \(position)")
            }
            length = length * 10 + digit
            index += 1
        }
        let start = index + 1
        guard index > position, start <= bytes.count, length <= bytes.count - start else {
            throw CorruptHistory("a field at byte \(position) is cut off")
        }
        position = start + length
        return start..<position
    }
}

/// A stored history or message that this version can't read. Nothing was changed.
public struct CorruptHistory: Error, Hashable, CustomStringConvertible {
    /// What was found, and where.
    public let message: String

    package init(_ message: String) { self.message = message }

    /// The message for a log.
    public var description: String { "the stored history can't be read: \(message)" }
}
