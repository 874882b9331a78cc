import Foundation
import Reprise
import Testing

/// A name that means something to Redis, to Lua, to the backend's own records or to a terminal.
private protocol HostileName: Sendable { static var text: String { get } }

private enum Braces: HostileName { static let text = "{other:0}:meta" }
private enum Key: HostileName { static let text = "}:run:1:a" }
private enum Reference: HostileName { static let text = "1:2:w:x" }
private enum WorkflowTask: HostileName { static let text = "w:a" }
private enum ActivityTask: HostileName { static let text = "a:1:1:w:a" }
private enum Blank: HostileName { static let text = " 1 2 " }
private enum Command: HostileName { static let text = "a\r\n*1\r\n$8\r\nFLUSHALL\r\n" }
private enum Null: HostileName { static let text = "\0nul\0" }
private enum Escape: HostileName { static let text = "\u{1B}[2J\u{1B}]0;title\u{7}" }
private enum RightToLeft: HostileName { static let text = "\u{202E}gpj.exe\u{2066}" }
private enum Lua: HostileName { static let text = "'..redis.call('FLUSHALL')..']]" }
private enum Pattern: HostileName { static let text = "^%d+:(.*)$%" }
private enum Glob: HostileName { static let text = "*?[^a]\\" }
private enum Accent: HostileName { static let text = "\u{301}e" }
/// These two are equal as strings, and not as bytes.
private enum Composed: HostileName { static let text = "caf\u{E9}" }
private enum Decomposed: HostileName { static let text = "cafe\u{301}" }
private enum Long: HostileName { static let text = String(repeating: "é", count: 126) + ":}\n" }

/// A workflow with everything named the same.
private final class Hostile<Name: HostileName>: Workflow {
    enum Input: Codable, Sendable { case parent, child }
    static var name: String { Name.text }
    static var echo: Activity<String, String> { Activity(Name.text) }
    static var word: Signal<Hostile, String> { Signal(Name.text) }
    /// Looks like a reference to the parent's first run.
    static var child: String { String(decoding: "1:\(Name.text)".utf8.prefix(255), as: UTF8.self) }
    private let input: Input
    init(input: Input) { self.input = input }

    func run(_ context: WorkflowContext) async throws -> [String] {
        if input == .child { return [context.info.workflowID] }
        try await context.sleep(for: .milliseconds(1))
        let echo = try await context.execute(Self.echo, Name.text)
        let child = try await context.executeChild(Hostile.self, id: Self.child, .child)
        return [echo, try await context.receive(Self.word)] + child
    }
}

@Suite struct HostileNameTests {
    private static let names: [any HostileName.Type] = [
        Braces.self, Key.self, Reference.self, WorkflowTask.self, ActivityTask.self, Blank.self, Command.self,
        Null.self, Escape.self, RightToLeft.self, Lua.self, Pattern.self, Glob.self, Accent.self, Composed.self,
        Decomposed.self, Long.self,
    ]

    private static func run<Name: HostileName>(_ name: Name.Type, at site: Site) async throws {
        let text = Name.text
        try await site.withWorker(queue: text, WorkerOptions(name: text, buildID: text)) {
            Hostile<Name>.self
            Hostile<Name>.echo.implement { $0 }
        } during: {
            let handle = try await site.client.start(
                Hostile<Name>.self, id: text, .parent, options: .init(queue: text, version: text))
            try await handle.signal(Hostile<Name>.word, text)
            let result = try await handle.result(timeout: .patience)
            let expected = [text, text, Hostile<Name>.child]
            #expect(result.map { Array($0.utf8) } == expected.map { Array($0.utf8) })
            let run = try await site.client.describe(id: text)
            #expect(run.run == handle.run)
            for name in [run.run.workflowID, run.type, run.queue, run.version] {
                #expect(Array(name.utf8) == Array(text.utf8))
            }
        }
    }

    @Test(arguments: BackendKind.allCases)
    func `Runs whose every name is hostile finish beside one another`(_ kind: BackendKind) async throws {
        try await Site.with(kind) { site in
            try await withThrowingTaskGroup { group in
                for name in Self.names { group.addTask { try await Self.run(name, at: site) } }
                try await group.waitForAll()
            }
        }
    }
}
