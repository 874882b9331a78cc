import Foundation

/// A picture of costs that grow or don't: a panel for each, its vertical axis from nothing on, the sizes in powers.
struct GrowthPlot {
    struct Panel {
        var title: String
        var lines: [Line]
    }

    struct Line {
        /// Empty if there is only one.
        var name: String
        var points: [(size: Double, cost: Double)]
    }

    var title: String
    /// What the sizes are.
    var axis: String
    var panels: [Panel]
    var footer: String

    private static let (width, panelHeight, left, gap) = (800.0, 220.0, 56.0, 88.0)
    private static let (top, plotHeight) = (64.0, 132.0)
    private static var plotWidth: Double { (width - left - gap - 28) / 2 }

    /// Colours that are told apart on white and on black, also by those who see few of them.
    private static let style = """
        text { font: 14px system-ui, sans-serif; fill: #1f2328 }
        .title { font-size: 17px; font-weight: 600 }
        .panel { font-weight: 600 }
        .small { font-size: 12px; fill: #59636e }
        .grid { stroke: #d1d9e0 }
        polyline { fill: none; stroke-width: 2.5 }
        .a { stroke: #0969da } circle.a, text.a { fill: #0969da; stroke: none }
        .b { stroke: #bc4c00 } circle.b, text.b { fill: #bc4c00; stroke: none }
        @media (prefers-color-scheme: dark) {
        text { fill: #f0f6fc }
        .small { fill: #9198a1 }
        .grid { stroke: #3d444d }
        .a { stroke: #4493f8 } circle.a, text.a { fill: #4493f8 }
        .b { stroke: #f0883e } circle.b, text.b { fill: #f0883e }
        }
        """

    func svg() -> String {
        let rows = Double((panels.count + 1) / 2)
        let height = Self.top + rows * Self.panelHeight + 24
        var svg = SVG(width: Self.width, height: height, style: Self.style)
        svg.text(title, at: (16, 28), of: "title")
        let names = (panels.first?.lines ?? []).map(\.name).filter { !$0.isEmpty }
        for (index, name) in names.enumerated() {
            svg.text(
                "● " + name, at: (Self.width - 16 - Double(names.count - 1 - index) * 150, 28), .end, of: color(index))
        }
        for (index, panel) in panels.enumerated() {
            let x = Self.left + Double(index % 2) * (Self.plotWidth + Self.gap)
            draw(panel, in: &svg, at: (x, Self.top + Double(index / 2) * Self.panelHeight))
        }
        svg.text(footer, at: (16, height - 10), of: "small")
        return svg.document(title: title)
    }

    private func color(_ index: Int) -> String { index % 2 == 0 ? "a" : "b" }

    private func draw(_ panel: Panel, in svg: inout SVG, at origin: (x: Double, y: Double)) {
        let points = panel.lines.flatMap(\.points)
        let limit = Self.niceLimit(points.map(\.cost).max() ?? 0)
        let sizes = Set(points.map(\.size)).sorted()
        let (first, last) = (log10(sizes.first ?? 1), log10(sizes.last ?? 1))
        let bottom = origin.y + 20 + Self.plotHeight
        let x = { (size: Double) in
            origin.x + (last > first ? (log10(size) - first) / (last - first) : 0.5) * Self.plotWidth
        }
        let y = { (cost: Double) in bottom - cost / limit * Self.plotHeight }

        svg.text(panel.title, at: (origin.x, origin.y + 4), of: "panel")
        for share in [0, 0.5, 1] {
            let height = y(limit * share)
            svg.line((origin.x, height), (origin.x + Self.plotWidth, height), of: "grid")
            svg.text((limit * share).rounded3, at: (origin.x - 8, height + 5), .end, of: "tick")
        }
        for size in sizes {
            svg.line((x(size), bottom), (x(size), bottom + 5), of: "grid")
            svg.text(Self.short(size), at: (x(size), bottom + 21), .middle, of: "tick")
        }
        svg.text(axis, at: (origin.x + Self.plotWidth / 2, bottom + 39), .middle, of: "small")
        for (index, line) in panel.lines.enumerated() {
            let places = line.points.map { (x: x($0.size), y: y($0.cost)) }
            svg.polyline(places, of: color(index))
            for place in places { svg.dot(place, of: color(index)) }
        }
    }

    /// Short enough to stand beside the next one.
    private static func short(_ size: Double) -> String {
        let number = Int(size)
        if number >= 1_000_000, number % 100_000 == 0 { return "\((size / 1e6).rounded3)M" }
        return number >= 10_000 && number % 1000 == 0 ? "\(number / 1000)k" : number.grouped
    }

    /// A round number that is no less, so that half of it is round, too.
    private static func niceLimit(_ value: Double) -> Double {
        guard value > 0, value.isFinite else { return 1 }
        let power = pow(10, floor(log10(value)))
        return ([1, 2, 3, 4, 6, 8, 10].first { $0 * power >= value * 0.999 } ?? 10) * power
    }
}
