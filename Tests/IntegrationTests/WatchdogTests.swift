import Foundation
import Logging
import Reprise
import Synchronization
import Testing

private let work = Activity<Int, Int>("work")

/// Computes until it is told to stop, as code with a bug would for ever.
private final class Looping: Workflow {
    static let count = 4  // as many as there are threads for turns
    static let began = Gauge()
    static let allBegan = Gate()
    static let mayEnd = Atomic(false)

    func run(_ context: WorkflowContext) async throws -> Int {
        let one = try await context.execute(work, 1, line: 4711)
        if Looping.began.enter() == Looping.count { Looping.allBegan.open() }
        while !Looping.mayEnd.load(ordering: .relaxed) { usleep(1000) }
        return one
    }
}

private final class Ordinary: Workflow {
    func run(_ context: WorkflowContext) async throws -> Int { try await context.execute(work, 2) }
}

@Suite struct WatchdogTests {
    @Test func `Workflows that loop don't hold up the others, and are named with the line of their last call`()
        async throws
    {
        try await Site.with(.memory) { site in
            let messages = Recorder<String>()
            let logger = Logger(label: "test") { _ in ErrorRecorder(messages: messages) }
            try await site.withWorker(WorkerOptions(maxConcurrentTurns: 6), logger: logger) {
                Looping.self
                Ordinary.self
                work.implement { $0 }
            } during: {
                defer { Looping.mayEnd.store(true, ordering: .relaxed) }
                var loops: [WorkflowHandle<Looping>] = []
                for index in 0..<Looping.count {
                    loops.append(try await site.client.start(Looping.self, id: "loop-\(index)"))
                }
                await Looping.allBegan.wait()
                for index in 0..<10 {
                    let handle = try await site.client.start(Ordinary.self, id: "ordinary-\(index)")
                    #expect(try await handle.result(timeout: .patience) == 2)
                }
                try await site.until("all that loop are told of") {
                    messages.all.count { $0.contains("workflow Looping") } >= Looping.count
                }
                Looping.mayEnd.store(true, ordering: .relaxed)
                for loop in loops { #expect(try await loop.result(timeout: .patience) == 1) }
            }
            let told = messages.all.filter { $0.contains("workflow Looping") }
            #expect(told.count == Looping.count)
            for message in told { #expect(message.contains("WatchdogTests.swift:4711"), "\(message)") }
        }
    }
}

private struct ErrorRecorder: LogHandler {
    let messages: Recorder<String>
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.error

    init(messages: Recorder<String>) { self.messages = messages }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) { messages.add("\(event.message)") }
}
