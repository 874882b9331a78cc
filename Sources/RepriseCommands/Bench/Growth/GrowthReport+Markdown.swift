extension GrowthReport {
    /// A section of a document.
    ///
    /// - Parameter plot: where the plot is, as seen from the document.
    func markdown(plot: String?) -> String {
        var lines = ["### \(scene.title)", "", "\(summary) The costs are those of each \(unit).", ""]
        if let plot { lines += ["![\(scene.title): what each \(unit) costs](\(plot))", ""] }
        let isNamed = series.count > 1
        var head = [scene.axis] + (isNamed ? ["how"] : [])
        head += GrowthCost.allCases.map(\.title)
        lines.append(row(head))
        lines.append("|" + String(repeating: "---:|", count: head.count))
        for series in series {
            for (index, point) in series.points.enumerated() {
                let figures = GrowthCost.allCases.map { figure($0, point, after: series.points[..<index]) }
                lines.append(row([point.size.grouped] + (isNamed ? [series.name] : []) + figures))
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private func row(_ cells: [String]) -> String { "| " + cells.joined(separator: " | ") + " |" }

    /// The cost, and by how much it is more than at the cheapest of the smaller sizes.
    private func figure(_ cost: GrowthCost, _ point: Point, after smaller: ArraySlice<Point>) -> String {
        guard let value = cost.value(point.median) else { return "–" }
        guard let least = smaller.compactMap({ cost.value($0.median) }).min(), least > 0 else { return value.rounded3 }
        let percent = Int(((value / least - 1) * 100).rounded())
        return "\(value.rounded3) (\(percent < 0 ? "−" : "+")\(abs(percent)) %)"
    }

    /// The same as a picture.
    func plot(setting: String) -> GrowthPlot {
        let panels = GrowthCost.allCases.compactMap { cost -> GrowthPlot.Panel? in
            let lines = series.map { series in
                GrowthPlot.Line(
                    name: series.name,
                    points: series.points.compactMap { point in
                        cost.value(point.median).map { (Double(point.size), $0) }
                    })
            }.filter { !$0.points.isEmpty }
            return lines.isEmpty ? nil : GrowthPlot.Panel(title: cost.title, lines: lines)
        }
        return GrowthPlot(
            title: "\(scene.title): what each \(unit) costs", axis: scene.axis, panels: panels, footer: setting)
    }
}
