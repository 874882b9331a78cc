extension CommandPort {
    /// Sends a command; if it calls a script that the server does not know, once more with the source. Errors of the server
    /// are thrown.
    func sendResolvingScript(_ command: RedisCommand, timeout: Duration?) async throws(RedisError) -> RedisReply {
        var reply = try await send(command, timeout: timeout)
        if let script = command.script, reply.isUnknownScript {
            reply = try await send(command.withSource(of: script), timeout: timeout)
        }
        if case .error(let error) = reply { throw RedisError(server: error) }
        return reply
    }

    /// Sends commands together; those that call scripts which the server does not know, once more, in their order.
    func pipelineResolvingScripts(
        _ commands: [RedisCommand], timeout: Duration?
    ) async throws(RedisError) -> [RedisReply] {
        var replies = try await pipeline(commands, timeout: timeout)
        let unknown = commands.indices.filter { commands[$0].script != nil && replies[$0].isUnknownScript }
        guard !unknown.isEmpty else { return replies }

        // The first call of each script brings its source, which the server then knows.
        var brought: Set<RedisScript> = []
        let again = unknown.map { index in
            guard let script = commands[index].script, brought.insert(script).inserted else { return commands[index] }
            return commands[index].withSource(of: script)
        }
        do throws(RedisError) {
            let answers = try await pipeline(again, timeout: timeout)
            for (index, answer) in zip(unknown, answers) { replies[index] = answer }
        } catch {
            // The others were executed: of the pipeline as a whole it cannot be said that it was not.
            throw error.with(mayHaveExecuted: true)
        }
        return replies
    }
}

extension RedisReply {
    fileprivate var isUnknownScript: Bool {
        serverError?.code == "NOSCRIPT"
    }
}
