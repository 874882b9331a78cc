import Reprise

/// How often tasks are in lists. It keeps only hashes of what it has read: about 20 bytes a task.
struct TaskLists {
    let outbox: String
    private var counts: [ExactName: [Int: UInt16]] = [:]

    init(outbox: String) { self.outbox = outbox }

    /// How often a task is in lists, or was when they were first read.
    mutating func count(
        of task: String, in lists: [String], _ reader: inout PagedReader
    ) async throws(BackendError) -> Int {
        var sum = 0
        for list in lists {
            if counts[list] == nil {
                var read: [Int: UInt16] = [:]
                try await Self.each(of: list, isOutbox: list == outbox, &reader) { read[$0, default: 0] &+= 1 }
                counts[list] = read
            }
            sum += Int(counts[list]![task.hashValue] ?? 0)
        }
        return sum
    }

    /// How often each of these tasks is in its lists now.
    func countNow(
        of tasks: [(task: String, lists: [String])], _ reader: inout PagedReader
    ) async throws(BackendError) -> [Int] {
        var wanted: [ExactName: [Int: [Int]]] = [:]
        var order: [String] = []
        for (index, entry) in tasks.enumerated() {
            for list in entry.lists {
                if wanted[list] == nil { order.append(list) }
                wanted[list, default: [:]][entry.task.hashValue, default: []].append(index)
            }
        }
        var found = tasks.map { _ in 0 }
        // Back and forth: a task may move from one to another meanwhile. A message doesn't, and is counted.
        for list in order + order.reversed().filter({ $0 != outbox }) {
            try await Self.each(of: list, isOutbox: list == outbox, &reader) { hash in
                for index in wanted[list]?[hash] ?? [] { found[index] += 1 }
            }
        }
        return found
    }

    /// The hashes of the tasks in a list; of the outbox, those of what messages are about.
    private static func each(
        of list: String, isOutbox: Bool, _ reader: inout PagedReader, _ body: (Int) -> Void
    ) async throws(BackendError) {
        // What is read twice is one message.
        var seen: Set<Int> = []
        try await reader.list(list) { bytes throws(BackendError) in
            if !isOutbox {
                body(String(decoding: bytes, as: UTF8.self).hashValue)
            } else if seen.insert(bytes.hashValue).inserted, let subject = subject(of: bytes) {
                body(subject.hashValue)
            }
        }
    }

    private static func subject(of message: [UInt8]) -> String? {
        var reader = PackedReader(message)
        guard let kind = try? reader.readString(), let link = try? reader.readString() else { return nil }
        return switch kind {
        case "start", "ended": "child " + link
        case "remains": "remains " + link
        default: nil
        }
    }
}
