import DequeModule

extension Store {
    /// Ends a run that is nowhere else any more, and whose last entry is written: cancels what is open.
    mutating func close(_ number: Int, as state: RunState) {
        for operation in runs[number]!.operations.keys.sorted() { remove(operation, of: number) }
        runs[number]!.operations = [:]
        runs[number]!.place = .closed(state)
        runs[number]!.closedAt = runs[number]!.history.last?.time
        closed.append(number)
        changed.insert(number)
    }
}
