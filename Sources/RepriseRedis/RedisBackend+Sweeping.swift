public import Reprise

extension RedisBackend {
    /// What a sweep removed.
    public struct Swept: Hashable, Sendable {
        /// How many runs.
        public var runs: Int
        /// How many bytes they had, as ``Reprise/Retention/bytes`` counts them.
        public var bytes: Int
    }

    /// Removes closed runs that are not kept any longer, those that closed first before the others, until none is left.
    ///
    /// The claims of workers do this all the time; call it where no worker runs, or to make room at once. It is many short
    /// calls, so that others are served in between; cancel the task to stop it between two of them.
    ///
    /// - Parameter retention: what is kept. Default: the backend's ``retention``.
    /// - Returns: what this call removed. Workers may have removed more meanwhile.
    @discardableResult
    public func sweep(keeping retention: Retention? = nil) async throws(BackendError) -> Swept {
        var swept = Swept(runs: 0, bytes: 0)
        let call = runner.call(scripts.sweep, (retention ?? self.retention).packed, Limits.sweep)
        while true {
            var reply = try ReplyCursor(try await runner.sendRepeating(call), errors)
            swept.runs += try reply.int()
            swept.bytes += try reply.int()
            if try reply.int() == 0 { return swept }
        }
    }
}

extension Retention {
    /// As `Scripts/Parts/sweeping.lua` has it.
    var packed: String {
        let limits = [age?.storable, count.map { Int64(max($0, 0)) }, bytes.map { Int64(max($0, 0)) }]
        return limits.map { $0.map(String.init) ?? "-" }.joined(separator: " ")
    }
}
