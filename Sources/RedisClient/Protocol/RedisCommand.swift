/// A command with its arguments, each any bytes.
///
/// ```swift
/// let set: RedisCommand = ["SET", key, payload, "PX", 5000]
/// var push = RedisCommand("RPUSH", key)
/// push.append(contentsOf: ids)
/// ```
public struct RedisCommand: Sendable, Hashable {
    /// All arguments one after the other: two allocations a command, however many arguments.
    private(set) var bytes: [UInt8] = []
    /// Where each argument ends in ``bytes``.
    private(set) var ends: [Int] = []
    /// The script that this is a call of, by digest: sent again with its source when the server does not know it.
    let script: RedisScript?

    /// A command of this name with these arguments.
    public init<each Argument: RedisArgument>(_ name: String, _ arguments: repeat each Argument) {
        script = nil
        append(name)
        repeat append(each arguments)
    }

    /// A command of these arguments, the first of which is its name.
    public init(arguments: some Sequence<some RedisArgument>) {
        script = nil
        append(contentsOf: arguments)
    }

    init(script: RedisScript, header: [String]) {
        self.script = script
        append(contentsOf: header)
    }

    /// Adds one argument.
    public mutating func append(_ argument: some RedisArgument) {
        argument.write(to: &bytes)
        ends.append(bytes.count)
    }

    /// Adds one argument for each element.
    public mutating func append(contentsOf arguments: some Sequence<some RedisArgument>) {
        for argument in arguments { append(argument) }
    }

    /// Appends all words of another command, its name among them.
    public mutating func append(wordsOf other: RedisCommand) {
        let start = bytes.count
        bytes += other.bytes
        for end in other.ends { ends.append(start + end) }
    }

    /// How many arguments there are, the name included.
    public var count: Int { ends.count }

    /// The bytes of the argument at a position; the name is at 0.
    public func argument(_ index: Int) -> ArraySlice<UInt8> {
        bytes[(index == 0 ? 0 : ends[index - 1])..<ends[index]]
    }

    /// The name as it was given.
    public var name: String {
        ends.isEmpty ? "" : String(decoding: argument(0), as: UTF8.self)
    }

    /// The same call with the script's source in place of its digest.
    func withSource(of script: RedisScript) -> RedisCommand {
        var command = RedisCommand("EVAL", script.source)
        for index in 2..<count { command.append(argument(index)) }
        return command
    }
}

extension RedisCommand: ExpressibleByArrayLiteral {
    /// A command of these arguments, the first of which is its name.
    public init(arrayLiteral elements: any RedisArgument...) {
        script = nil
        for element in elements { append(element) }
    }
}

extension RedisCommand: CustomStringConvertible {
    /// The name and the number of arguments. Never the arguments: they may be passwords or somebody's data.
    public var description: String { "\(name) (\(max(0, count - 1)) arguments)" }
}
