import RedisClient
import Reprise

/// Reads a flat reply from left to right.
struct ReplyCursor {
    private let elements: [RedisReply]
    private var position = 0
    private let errors: ErrorMapping

    init(_ reply: RedisReply, _ errors: ErrorMapping) throws(BackendError) {
        self.errors = errors
        guard case .array(let elements) = reply else { throw errors.corrupt("expected a list, got \(reply)") }
        self.elements = elements
    }

    var isAtEnd: Bool { position == elements.count }

    mutating func bytes() throws(BackendError) -> [UInt8] {
        do throws(RedisError) {
            return try next().asBytes
        } catch {
            throw errors.mapped(error)
        }
    }

    /// Reads bytes, or `nil` where there are none.
    mutating func optionalBytes() throws(BackendError) -> [UInt8]? {
        do throws(RedisError) {
            let element = try next()
            return element.isNull ? nil : try element.asBytes
        } catch {
            throw errors.mapped(error)
        }
    }

    mutating func string() throws(BackendError) -> String {
        do throws(RedisError) {
            return try next().asString
        } catch {
            throw errors.mapped(error)
        }
    }

    /// Reads a text that is only shown or compared: bytes that are none are replaced.
    mutating func text() throws(BackendError) -> String { String(decoding: try bytes(), as: UTF8.self) }

    mutating func int() throws(BackendError) -> Int {
        do throws(RedisError) {
            return try next().asInt
        } catch {
            throw errors.mapped(error)
        }
    }

    /// Reads how many parts of the reply follow.
    mutating func count() throws(BackendError) -> Int {
        let count = try int()
        guard (0...elements.count).contains(count) else { throw errors.corrupt("a count is \(count)") }
        return count
    }

    mutating func timestamp() throws(BackendError) -> Timestamp { Timestamp(milliseconds: Int64(try int())) }

    mutating func run() throws(BackendError) -> RunID {
        let text = try string()
        guard let run = RunID(text) else { throw errors.corrupt("“\(text.printable)” isn't a run") }
        return run
    }

    /// Reads a list, from left to right.
    mutating func list() throws(BackendError) -> ReplyCursor {
        let element: RedisReply
        do throws(RedisError) { element = try next() } catch { throw errors.mapped(error) }
        return try ReplyCursor(element, errors)
    }

    /// Reads a list of texts.
    mutating func strings() throws(BackendError) -> [String] {
        do throws(RedisError) {
            return try next().asArray.map { element throws(RedisError) in try element.asString }
        } catch {
            throw errors.mapped(error)
        }
    }

    /// Reads an entry's kind and value.
    mutating func entry(number: Int) throws(BackendError) -> HistoryEntry {
        let (kind, value) = (try bytes(), try stored())
        guard let kind = String(validating: kind, as: UTF8.self),
            let entry = HistoryEntry(number: number, kind: HistoryEntry.Kind(rawValue: kind), stored: value)
        else { throw errors.corrupt("history entry \(number) is broken") }
        return entry
    }

    /// Reads what the stream holds of an entry; of a long one the payload comes apart.
    mutating func stored() throws(BackendError) -> [UInt8] {
        do throws(RedisError) {
            let element = try next()
            guard case .array(let parts) = element else { return try element.asBytes }
            var bytes: [UInt8] = []
            for part in parts { bytes += try part.asBytes }
            return bytes
        } catch {
            throw errors.mapped(error)
        }
    }

    private mutating func next() throws(RedisError) -> RedisReply {
        guard position < elements.count else { throw RedisError(.unexpectedReply, "a reply is too short") }
        position += 1
        return elements[position - 1]
    }
}

extension HistoryEntry {
    /// Reads what a stream holds: `<time> <reference> <payload>`.
    init?(number: Int, kind: Kind, stored value: [UInt8]) {
        let blank = UInt8(ascii: " ")
        guard let first = value.firstIndex(of: blank),
            let second = value[(first + 1)...].firstIndex(of: blank),
            let time = Int64(String(decoding: value[..<first], as: UTF8.self)),
            let reference = Int(String(decoding: value[(first + 1)..<second], as: UTF8.self))
        else { return nil }
        self.init(
            number: number, kind: kind, time: Timestamp(milliseconds: time), reference: reference,
            payload: Array(value[(second + 1)...]))
    }
}
