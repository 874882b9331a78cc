/// Runs that need a person or a new build.
extension WorkflowClient {
    /// Lists the runs that are blocked, those first that have been for longest.
    ///
    /// - Parameters:
    ///   - type: only runs of the workflow with this name. Default: of all.
    ///   - queue: only runs of this queue. Default: of all.
    public func blockedRuns(type: String? = nil, queue: String? = nil) -> BlockedRuns {
        BlockedRuns(client: self, type: type, queue: queue)
    }

    /// Makes all blocked runs go on that are blocked now. One that is blocked again meanwhile is left so.
    ///
    /// ```swift
    /// let count = try await client.unblockAll(type: "Order")
    /// ```
    ///
    /// - Parameters:
    ///   - type: only runs of the workflow with this name. Default: of all.
    ///   - queue: only runs of this queue. Default: of all.
    /// - Returns: how many were asked to go on.
    /// - Throws: ``BackendError`` (`unavailable`). Call it again: those that go on already are left alone.
    @discardableResult
    public func unblockAll(type: String? = nil, queue: String? = nil) async throws -> Int {
        var blocked: [RunID] = []
        for try await description in blockedRuns(type: type, queue: queue) { blocked.append(description.run) }
        var count = 0
        for run in blocked {
            do throws(BackendError) {
                try await backend.unblock(run)
                count += 1
            } catch {
                // It was ended meanwhile, and its retention is over.
                guard error.code == .runNotFound else { throw error }
            }
        }
        return count
    }
}
