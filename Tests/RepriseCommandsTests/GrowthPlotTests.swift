import Foundation
import Testing

@testable import RepriseCommands

#if canImport(FoundationXML)
    import FoundationXML
#endif

/// The pictures of how costs grow.
struct GrowthPlotTests {
    /// Counts elements and collects texts.
    private final class Reader: NSObject, XMLParserDelegate {
        var elements: [String: Int] = [:]
        var attributes: [[String: String]] = []
        var texts: [String] = []

        func parser(
            _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
            attributes: [String: String]
        ) {
            elements[name, default: 0] += 1
            self.attributes.append(attributes)
            texts.append("")
        }

        func parser(_ parser: XMLParser, foundCharacters string: String) { texts[texts.count - 1] += string }
    }

    private func read(_ svg: String) throws -> Reader {
        let reader = Reader()
        let parser = XMLParser(data: Data(svg.utf8))
        parser.delegate = reader
        try #require(parser.parse(), "\(String(describing: parser.parserError)) in \(svg)")
        return reader
    }

    private func plot(_ points: [(size: Double, cost: Double)], names: [String] = [""]) -> GrowthPlot {
        GrowthPlot(
            title: "Costs <of> A & B", axis: "runs",
            panels: ["commands", "time, ms"].map { title in
                .init(title: title, lines: names.map { .init(name: $0, points: points) })
            }, footer: "Redis & Swift")
    }

    @Test func `a plot is well-formed, and has a line for each series and a dot for each point`() throws {
        let points = [(10.0, 46.2), (1000, 46.1), (100_000, 47), (1_000_000, 49.9)]
        let reader = try read(plot(points, names: ["alone", "together"]).svg())
        #expect(reader.elements["svg"] == 1)
        #expect(reader.elements["polyline"] == 4)
        #expect(reader.elements["circle"] == 16)
        let texts = reader.texts.map { $0.trimmingCharacters(in: .whitespacesAndNewlines) }
        for text in [
            "Costs <of> A & B", "commands", "time, ms", "● alone", "1,000", "100k", "1M", "Redis & Swift", "60", "30",
        ] {
            #expect(texts.contains(text), "\(text)")
        }
    }

    @Test func `all places are inside of the picture`() throws {
        let reader = try read(plot([(1, 0.0001), (4, 123_456)]).svg())
        let size = try #require(reader.attributes[0]["viewBox"]).split(separator: " ").compactMap { Double($0) }
        for attributes in reader.attributes {
            for (name, limit) in [("x", size[2]), ("cx", size[2]), ("y", size[3]), ("cy", size[3])] {
                guard let value = attributes[name] else { continue }
                let number = try #require(Double(value))
                #expect(number >= 0 && number <= limit)
            }
        }
    }

    @Test(arguments: [[], [(1.0, 0.0)], [(10.0, 5.0), (10.0, 6.0)], [(1.0, 0.000_001), (2.0, 1.0)]])
    func `a plot of few or odd points is well-formed, too`(_ points: [(Double, Double)]) throws {
        let reader = try read(plot(points.map { (size: $0.0, cost: $0.1) }).svg())
        #expect(reader.elements["circle", default: 0] == 2 * points.count)
    }
}
