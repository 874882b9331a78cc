/// A Lua script, called by its digest.
///
/// ```swift
/// let script = RedisScript("return redis.call('INCRBY', KEYS[1], ARGV[1])")
/// let sum = try await client.eval(script, keys: ["counter"], arguments: [5])
/// let replies = try await client.pipeline([script.call(keys: ["a"], arguments: [1]), ["GET", "a"]])
/// ```
public struct RedisScript: Sendable, Hashable {
    /// The Lua source.
    public let source: String
    /// The SHA-1 of the source in hexadecimal: the name under which the server keeps it.
    public let sha1: String

    /// A script of this source. Computes the digest: keep the value, do not make it for each call.
    public init(_ source: String) {
        self.source = source
        self.sha1 = SHA1.hexadecimal(of: source.utf8)
    }

    /// A call of the script by digest (`EVALSHA`).
    ///
    /// Where the server answers that it does not know the script, ``RedisClient`` sends exactly that call again with the
    /// source. In a pipeline that happens after the rest of it was answered.
    public func call(
        keys: some Collection<some RedisArgument>, arguments: some Sequence<some RedisArgument>
    ) -> RedisCommand {
        var command = RedisCommand(script: self, header: ["EVALSHA", sha1, String(keys.count)])
        command.append(contentsOf: keys)
        command.append(contentsOf: arguments)
        return command
    }

    /// A call of the script by digest, with arguments of several types.
    public func call(keys: [String] = [], arguments: [any RedisArgument] = []) -> RedisCommand {
        var command = RedisCommand(script: self, header: ["EVALSHA", sha1, String(keys.count)])
        command.append(contentsOf: keys)
        for argument in arguments { command.append(argument) }
        return command
    }

    /// Two scripts are the same when their sources are.
    public static func == (left: RedisScript, right: RedisScript) -> Bool {
        left.sha1 == right.sha1
    }

    /// Hashes the digest.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(sha1)
    }
}
