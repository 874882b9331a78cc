import RedisClient
import Reprise

/// Sends script calls, and brings the scripts to a server that doesn't know them.
///
/// All scripts are brought at once: so a commit and the claim that follows it in the same burst are both known or both
/// unknown, and are always executed in this order.
struct ScriptRunner: Sendable {
    let client: RedisClient
    let keys: Keys
    let errors: ErrorMapping

    /// One call of a script.
    struct Call: Sendable {
        private(set) var command: RedisCommand

        init(_ script: RedisScript, _ keys: Keys) {
            command = RedisCommand("EVALSHA", script.sha1, 1, keys.meta)
        }

        mutating func append(_ argument: some RedisArgument) { command.append(argument) }

        mutating func append(contentsOf arguments: ScriptArguments) { command.append(wordsOf: arguments.words) }
    }

    /// A call of a script with its first arguments.
    func call<each Argument: RedisArgument>(
        _ script: RedisScript, _ arguments: repeat each Argument
    ) -> Call {
        var call = Call(script, keys)
        repeat call.append(each arguments)
        return call
    }

    /// Sends a call whose repetition has no second effect; sends it again if the connection is lost.
    func sendRepeating(_ call: Call) async throws(BackendError) -> RedisReply { try await sendRepeating([call])[0] }

    /// Sends calls together that may be repeated together. An error of one is thrown.
    func sendRepeating(_ calls: [Call]) async throws(BackendError) -> [RedisReply] {
        var triesLeft = Limits.repeats
        while true {
            do throws(RedisError) {
                let replies = try await sendOnce(calls)
                for reply in replies {
                    if let error = reply.serverError { throw RedisError(server: error) }
                }
                return replies
            } catch {
                guard error.code == .connectionLost, triesLeft > 0 else { throw errors.mapped(error) }
                triesLeft -= 1
            }
        }
    }

    /// Sends a call once.
    func send(_ call: Call) async throws(BackendError) -> RedisReply {
        try errors.checked(try await send([call])[0])
    }

    /// Sends calls together, in one round trip; errors of single calls are elements of the reply.
    func send(_ calls: [Call]) async throws(BackendError) -> [RedisReply] {
        do throws(RedisError) {
            return try await sendOnce(calls)
        } catch {
            throw errors.mapped(error)
        }
    }

    /// Sends a call once; an error of the server is thrown.
    func sendOnce(_ call: Call) async throws(RedisError) -> RedisReply {
        let reply = try await sendOnce([call])[0]
        if let error = reply.serverError { throw RedisError(server: error) }
        return reply
    }

    private func sendOnce(_ calls: [Call]) async throws(RedisError) -> [RedisReply] {
        let commands = calls.map(\.command)
        var replies = try await client.pipeline(commands)
        // A flush can come between loading and calling: try a few times.
        for _ in 0..<3 {
            let unknown = replies.indices.filter { replies[$0].serverError?.code == "NOSCRIPT" }
            guard !unknown.isEmpty else { break }
            try await load()
            let again = try await client.pipeline(unknown.map { commands[$0] })
            for (index, reply) in zip(unknown, again) { replies[index] = reply }
        }
        return replies
    }

    /// Brings all scripts to the server.
    private func load() async throws(RedisError) {
        let replies = try await client.pipeline(Scripts.shared.all.map { RedisCommand("SCRIPT", "LOAD", $0.source) })
        for reply in replies {
            if let error = reply.serverError { throw RedisError(server: error) }
        }
    }
}
