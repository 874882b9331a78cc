import Foundation
import Testing

/// The examples in doc comments are compiled: each stands, line for line, in a file of `Snippets`.
@Suite struct DocumentationTests {
    private static let root = URL(filePath: #filePath).deletingLastPathComponent()
    private static let sources = root.appending(path: "../../Sources").standardized

    @Test(arguments: ["Reprise", "RepriseEncryption", "RepriseRedis", "RepriseTesting"])
    func `Every example in a doc comment is compiled`(_ module: String) throws {
        let compiled = try files(in: Self.root.appending(path: "Snippets")).map(\.lines)
        var count = 0
        for file in try files(in: Self.sources.appending(path: module)) {
            for example in examples(in: file.lines) {
                count += 1
                #expect(
                    compiled.contains { $0.contains(example.lines) },
                    "\(file.name):\(example.number) is not in Tests/DocumentationTests/Snippets")
            }
        }
        #expect(count > 0)
    }

    /// The lines of each Swift file in a folder, without indentation and empty lines.
    private func files(in folder: URL) throws -> [(name: String, lines: [String])] {
        let all =
            FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil)?.allObjects as? [URL] ?? []
        return try all.filter { $0.pathExtension == "swift" }.sorted { $0.path < $1.path }.map { url in
            let text = try String(contentsOf: url, encoding: .utf8)
            let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map {
                $0.trimmingCharacters(in: .whitespaces)
            }
            return (url.lastPathComponent, lines)
        }
    }

    private func examples(in lines: [String]) -> [(number: Int, lines: [String])] {
        var examples: [(number: Int, lines: [String])] = []
        var current: [String]?
        for (index, line) in lines.enumerated() where line.hasPrefix("///") {
            let text = line.dropFirst(3).trimmingCharacters(in: .whitespaces)
            if text == "```swift" {
                current = []
            } else if text == "```", let example = current {
                examples.append((index + 1 - example.count, example))
                current = nil
            } else {
                current?.append(text)
            }
        }
        return examples
    }
}

extension [String] {
    /// Whether the lines stand here one after the other; empty lines don't count.
    fileprivate func contains(_ lines: [String]) -> Bool {
        let (all, wanted) = (filter { !$0.isEmpty }, lines.filter { !$0.isEmpty })
        guard let first = wanted.first else { return true }
        return all.indices.contains { start in
            all[start] == first && all[start...].starts(with: wanted)
        }
    }
}
