/// The runs that are blocked, those first that have been for longest: what others call dead letters. They are read page by
/// page while one goes through them.
///
/// ```swift
/// for try await run in client.blockedRuns(queue: "billing") {
///     print(run.run, run.reason ?? "", run.blockage?.worker ?? "")
/// }
/// ```
public struct BlockedRuns: AsyncSequence, Sendable {
    /// What it is a sequence of.
    public typealias Element = RunDescription

    let client: WorkflowClient
    let type: String?
    let queue: String?

    /// Begins with the first.
    public func makeAsyncIterator() -> Iterator { Iterator(runs: self) }

    /// Goes through the runs.
    public struct Iterator: AsyncIteratorProtocol {
        let runs: BlockedRuns
        private var page: ArraySlice<RunDescription> = []
        private var last: RunDescription?
        private var isAtEnd = false

        init(runs: BlockedRuns) { self.runs = runs }

        /// The next run; `nil` after the last.
        ///
        /// - Throws: ``BackendError`` (`unavailable`).
        public mutating func next() async throws -> RunDescription? {
            while true {
                while let run = page.popFirst() {
                    if run.type.isExactly(runs.type ?? run.type), run.queue.isExactly(runs.queue ?? run.queue) {
                        return runs.client.codec.converter.decoded(run)
                    }
                }
                guard !isAtEnd else { return nil }
                page = try await runs.client.backend.blockedRuns(after: last, limit: 256)[...]
                last = page.last
                isAtEnd = last == nil
            }
        }
    }
}
