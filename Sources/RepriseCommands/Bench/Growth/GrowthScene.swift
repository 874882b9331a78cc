/// What is made larger and larger, to see what a workflow costs then.
enum GrowthScene: String, CaseIterable, Encodable, Sendable {
    case finished, open, steps, workers, queue, history

    var title: String {
        switch self {
        case .finished: "Finished runs"
        case .open: "Open runs"
        case .steps: "Steps of one workflow"
        case .workers: "Worker processes"
        case .queue: "Depth of the queue"
        case .history: "Length of a history"
        }
    }

    /// What is counted on the axis.
    var axis: String {
        switch self {
        case .finished: "finished runs"
        case .open: "open runs"
        case .steps: "activities of a workflow"
        case .workers: "worker processes"
        case .queue: "workflows that wait"
        case .history: "entries of the history"
        }
    }

    /// Whose cost is measured.
    var unit: String {
        switch self {
        case .finished, .open, .workers, .queue: "workflow"
        case .steps: "activity"
        case .history: "entry"
        }
    }

    var summary: String {
        switch self {
        case .finished: "Workflows of one activity, when so many have finished before."
        case .open: "Workflows of one activity, while so many others sleep."
        case .steps: "A workflow of so many sequential activities."
        case .workers: "Workflows of one activity, with so many worker processes."
        case .queue: "So many workflows of one activity, all started before there is a worker."
        case .history: "A history of so many entries, read and replayed."
        }
    }

    var sizes: [Int] {
        switch self {
        case .finished: [10, 1000, 100_000, 1_000_000]
        case .open: [10, 1000, 10_000, 100_000]
        case .steps: [100, 1000, 10_000]
        case .workers: [1, 2, 4]
        case .queue: [100, 1000, 10_000, 100_000]
        case .history: [100, 1000, 10_000, 50_000]
        }
    }

    /// The sizes of a smaller bench, each once. Processes are as many as they are.
    func sizes(_ scaled: (Int) -> Int) -> [Int] {
        guard self != .workers else { return sizes }
        return sizes.map(scaled).reduce(into: []) { if $0.last != $1 { $0.append($1) } }
    }
}
