import ArgumentParser

/// What the bench measures.
enum Workload: String, CaseIterable, Encodable, Sendable, ExpressibleByArgument {
    case oneActivity = "W1"
    case oneAtATime = "W2"
    case sequence = "W3"
    case fanOut = "W4"
    case sleeping = "W5"
    case twoWorkers = "W6"
    case sleepers = "W7"
    case replay = "W8"
    case signals = "W9"
    case largePayloads = "W10"
    case roundTrips = "W11"
    case timers = "W12"

    init?(argument: String) { self.init(rawValue: argument.uppercased()) }

    var summary: String {
        switch self {
        case .oneActivity: "workflows of one activity, started together"
        case .oneAtATime: "workflows of one activity, one at a time"
        case .sequence: "workflows of 100 sequential activities, one at a time"
        case .fanOut: "workflows of 500 parallel activities, one at a time"
        case .sleeping: "workflows that sleep 2 s, started together; latency is lateness"
        case .twoWorkers: "workflows of 10 sequential activities, two workers"
        case .sleepers: "workflows that go to sleep, and then nothing for 10 s; latency is the start's"
        case .replay: "entries of a history, replayed 20 times"
        case .signals: "signals, one at a time, from the call to the handler"
        case .largePayloads: "workflows of one activity with 1 MB in and out, 8 at a time"
        case .roundTrips: "PINGs, one at a time, and as many calls of a script"
        case .timers: "workflows that sleep 2 s, \(BenchSite.startsPerSecond) started in a second; latency is lateness"
        }
    }

    /// How many of them there are.
    var size: Int {
        switch self {
        case .oneActivity: 2000
        case .oneAtATime: 1000
        case .sequence: 20
        case .fanOut: 10
        case .sleeping: 1000
        case .twoWorkers, .replay, .roundTrips: 10_000
        case .sleepers: 100_000
        case .signals, .timers: 1000
        case .largePayloads: 50
        }
    }

    /// Whether it is measured if none are named.
    var isQuick: Bool {
        switch self {
        case .twoWorkers, .sleepers: false
        default: true
        }
    }

    var workers: Int { self == .twoWorkers ? 2 : 1 }
}
