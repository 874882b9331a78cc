/// A signal as a history holds it.
public struct SignalRecord: Hashable, Sendable {
    /// Chosen by the sender. A second entry with the same id is the same signal, sent again after a lost reply: the
    /// engine drops it.
    public var id: String
    /// The signal's name.
    public var name: String
    /// The encoded payload.
    public var payload: [UInt8]

    /// Makes a record.
    public init(id: String, name: String, payload: [UInt8]) {
        self.id = id
        self.name = name
        self.payload = payload
    }

    package func encoded() -> [UInt8] {
        var writer = PackedWriter()
        writer.write(id)
        writer.write(name)
        writer.write(payload)
        return writer.bytes
    }

    package init(decoding bytes: [UInt8]) throws(CorruptHistory) {
        var reader = PackedReader(bytes)
        id = try reader.readString()
        name = try reader.readString()
        payload = try reader.readBytes()
    }
}
