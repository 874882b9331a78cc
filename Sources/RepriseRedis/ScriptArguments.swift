import RedisClient

/// A part of the arguments of a script.
struct ScriptArguments: Sendable {
    private(set) var words = RedisCommand(arguments: [String]())

    init<each Argument: RedisArgument>(_ arguments: repeat each Argument) {
        repeat append(each arguments)
    }

    var count: Int { words.count }
    /// How many bytes they have.
    private(set) var size = 0

    mutating func append(_ argument: some RedisArgument) {
        words.append(argument)
        size += words.argument(words.count - 1).count
    }

    mutating func append(contentsOf other: ScriptArguments) {
        words.append(wordsOf: other.words)
        size += other.size
    }
}
