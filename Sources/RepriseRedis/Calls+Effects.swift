import RedisClient
import Reprise

extension ScriptArguments {
    /// Appends an effect as the scripts have it.
    ///
    /// - Parameter start: where in the turn the bytes begin that the call brings along.
    mutating func append(_ effect: Commit.Effect, turnBegins start: Int) {
        switch effect {
        case .scheduleActivity(let activity):
            append("a")
            append(activity.operation)
            append(activity.input, from: start)
            append(activity.queue)
            append(activity.specification)
        case .startTimer(let operation, let due):
            append("t")
            append(operation)
            append(due.storable)
        case .startChild(let child):
            append("n")
            append(child.operation)
            append(child.workflowID)
            append(child.type)
            append(child.version)
            append(child.queue)
            append(child.record, from: start)
            append(child.parentClosePolicy.rawValue)
        case .signalChild(let operation, let record):
            append("s")
            append(operation)
            append(record, from: start)
        case .cancel(let operation):
            append("c")
            append(operation)
        }
    }

    /// The first and the last byte, counted from 1.
    private mutating func append(_ range: Range<Int>, from start: Int) {
        append(range.lowerBound - start + 1)
        append(range.upperBound - start)
    }
}

extension [Commit.Effect] {
    /// The pages in which the effects are staged; none if the commit takes them all.
    var pages: [ArraySlice<Commit.Effect>] {
        let total = lazy.compactMap { $0.payload?.count }.reduce(0, +)
        if count <= Limits.effectsPerCommit, total <= Limits.effectBytes { return [] }
        var pages: [ArraySlice<Commit.Effect>] = []
        var (start, bytes) = (0, 0)
        for (index, effect) in enumerated() {
            if index - start == Limits.effectsPerPage || bytes > Limits.effectBytes {
                pages.append(self[start..<index])
                (start, bytes) = (index, 0)
            }
            bytes += effect.payload?.count ?? 0
        }
        return pages + [self[start...]]
    }
}

extension ArraySlice<Commit.Effect> {
    /// From the first to the last byte of the turn that the effects refer to.
    var payloadBounds: Range<Int> {
        let ranges = compactMap(\.payload)
        guard let first = ranges.map(\.lowerBound).min(), let last = ranges.map(\.upperBound).max() else {
            return 0..<0
        }
        return first..<last
    }
}

extension Commit.Effect {
    /// Whether it puts something in place that the end of the run removes without a trace.
    var endsWithTheRun: Bool {
        switch self {
        case .scheduleActivity, .startTimer: true
        case .startChild, .signalChild, .cancel: false
        }
    }

    /// Where its payload is in the turn.
    fileprivate var payload: Range<Int>? {
        switch self {
        case .scheduleActivity(let activity): activity.input
        case .startChild(let child): child.record
        case .signalChild(_, let record): record
        case .startTimer, .cancel: nil
        }
    }
}
