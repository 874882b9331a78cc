/// One atomic advance of a run: how far the worker had read, and what the workflow decided.
public struct Turn: Hashable, Sendable {
    /// The position in the run's command sequence of the first command here, counted from 0.
    public var firstCommand: Int
    /// What was decided, in order.
    public var commands: [Command]
    /// The build that decided it; empty if the worker has none.
    public var buildID: String
    /// How local activities ended, in the order in which they were applied.
    public var localResults: [LocalResult]

    /// Makes a turn.
    public init(firstCommand: Int, commands: [Command], buildID: String = "", localResults: [LocalResult] = []) {
        self.firstCommand = firstCommand
        self.commands = commands
        self.buildID = buildID
        self.localResults = localResults
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
        for local in localResults {
            writer.write(Turn.localResult)
            writer.write(local.operation)
            writer.write(local.after)
            switch local.result {
            case .completed(let output):
                writer.write("completed")
                writer.write(output)
            case .failed(let failure):
                writer.write("failed")
                writer.write(failure.encoded())
            }
        }
        return Encoded(bytes: writer.bytes, payloads: payloads)
    }

    package init(decoding bytes: [UInt8]) throws(CorruptHistory) {
        var reader = PackedReader(bytes)
        firstCommand = try reader.readInt()
        buildID = try reader.readString()
        commands = []
        localResults = []
        while !reader.isAtEnd {
            let word = try reader.readString()
            guard word != Turn.localResult else {
                localResults.append(try LocalResult(&reader))
                continue
            }
            let kind = Command.Kind(rawValue: word)
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

    /// Where a command's kind would be.
    private static let localResult = "localResult"
}

extension LocalResult {
    fileprivate init(_ reader: inout PackedReader) throws(CorruptHistory) {
        let operation = try reader.readInt()
        let after = try reader.readInt()
        let word = try reader.readString()
        let payload = try reader.readBytes()
        switch word {
        case "completed": self.init(operation: operation, after: after, result: .completed(payload))
        case "failed":
            self.init(operation: operation, after: after, result: .failed(try FailureRecord(decoding: payload)))
        default: throw CorruptHistory("a local activity ended as “\(word)”")
        }
    }
}
