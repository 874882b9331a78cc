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
            for point in series.points {
                let figures = GrowthCost.allCases.map { figure($0, point, since: series.points[0]) }
                lines.append(row([point.size.grouped] + (isNamed ? [series.name] : []) + figures))
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private func row(_ cells: [String]) -> String { "| " + cells.joined(separator: " | ") + " |" }

    /// The cost, and by how much it is more than at the smallest size.
    private func figure(_ cost: GrowthCost, _ point: Point, since first: Point) -> String {
        guard let value = cost.value(point.median) else { return "–" }
        guard point.size != first.size, let start = cost.value(first.median), start > 0 else { return value.rounded3 }
        let percent = Int(((value / start - 1) * 100).rounded())
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
