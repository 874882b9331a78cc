/// One atomic advance of a run: how far the worker had read, and what the workflow decided.
public struct Turn: Hashable, Sendable {
    /// The position in the run's command sequence of the first command here, counted from 0.
    public var firstCommand: Int
    /// What was decided, in order.
    public var commands: [Command]
    /// The build that decided it; empty if the worker has none.
    public var buildID: String

    /// Makes a turn.
    public init(firstCommand: Int, commands: [Command], buildID: String = "") {
        self.firstCommand = firstCommand
        self.commands = commands
        self.buildID = buildID
    }

    /// The bytes of a turn, and where in them each command's payload is.
    package struct Encoded: Sendable {
        package var bytes: [UInt8]
        package var payloads: [Range<Int>]
    }

    package func encoded() -> Encoded {
        var writer = PackedWriter()
        var payloads: [Range<Int>] = []
        writer.write(firstCommand)
        writer.write(buildID)
        for command in commands {
            writer.write(command.kind.rawValue)
            writer.write(command.name)
            writer.write(command.argument.map(String.init) ?? "")
            writer.write(command.fingerprint.map { String($0, radix: 16) } ?? "")
            writer.write(command.location)
            payloads.append(writer.writeLocated(command.payload))
        }
        return Encoded(bytes: writer.bytes, payloads: payloads)
    }

    package init(decoding bytes: [UInt8]) throws(CorruptHistory) {
        var reader = PackedReader(bytes)
        firstCommand = try reader.readInt()
        buildID = try reader.readString()
        commands = []
        while !reader.isAtEnd {
            let kind = Command.Kind(rawValue: try reader.readString())
            let name = try reader.readString()
            let argument = Int64(try reader.readString())
            let fingerprint = UInt64(try reader.readString(), radix: 16)
            let location = try reader.readString()
            commands.append(
                Command(
                    kind: kind, name: name, argument: argument, fingerprint: fingerprint, location: location,
                    payload: try reader.readBytes()))
        }
    }
}
