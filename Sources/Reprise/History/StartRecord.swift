/// What a run was started with, as its first history entry holds it.
public struct StartRecord: Hashable, Sendable {
    /// The revision of the replay engine that newly started runs record. The order in which the engine resumes
    /// workflow code is part of what a history means, so a change of that order needs a new number.
    public static let currentEngineRevision = 1

    /// The registered name of the workflow type.
    public var type: String
    /// The version that the caller of start gave; empty if none.
    public var version: String
    /// The replay engine's revision.
    public var engineRevision: Int
    /// The encoded input.
    public var input: [UInt8]
    /// Ids of signals that the runs before this one have seen, the newest last: a run that continues as new hands them
    /// on, so that a signal sent again after a lost reply is still known.
    public var seenSignals: [String]

    /// Makes a record.
    public init(
        type: String, version: String, engineRevision: Int = StartRecord.currentEngineRevision, input: [UInt8],
        seenSignals: [String] = []
    ) {
        self.type = type
        self.version = version
        self.engineRevision = engineRevision
        self.input = input
        self.seenSignals = seenSignals
    }

    package func encoded() -> [UInt8] {
        var writer = PackedWriter()
        writer.write(engineRevision)
        writer.write(type)
        writer.write(version)
        writer.write(input)
        for id in seenSignals { writer.write(id) }
        return writer.bytes
    }

    package init(decoding bytes: [UInt8]) throws(CorruptHistory) {
        var reader = PackedReader(bytes)
        engineRevision = try reader.readInt()
        type = try reader.readString()
        version = try reader.readString()
        input = try reader.readBytes()
        seenSignals = []
        while !reader.isAtEnd { seenSignals.append(try reader.readString()) }
    }
}
