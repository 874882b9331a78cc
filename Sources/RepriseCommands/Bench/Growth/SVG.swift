/// A picture as text, of lines, dots and words. Its colours are those of classes, given by the style.
struct SVG {
    let width: Double
    let height: Double
    private let style: String
    private var elements: [String] = []

    enum Anchor: String { case start, middle, end }

    init(width: Double, height: Double, style: String) {
        self.width = width
        self.height = height
        self.style = style
    }

    mutating func line(_ from: (x: Double, y: Double), _ to: (x: Double, y: Double), of name: String) {
        elements.append(
            #"<line class="\#(name)" x1="\#(number(from.x))" y1="\#(number(from.y))" x2="\#(number(to.x))" "#
                + #"y2="\#(number(to.y))"/>"#)
    }

    mutating func polyline(_ points: [(x: Double, y: Double)], of name: String) {
        let text = points.map { "\(number($0.x)),\(number($0.y))" }.joined(separator: " ")
        elements.append(#"<polyline class="\#(name)" points="\#(text)"/>"#)
    }

    mutating func dot(_ center: (x: Double, y: Double), of name: String) {
        elements.append(#"<circle class="\#(name)" cx="\#(number(center.x))" cy="\#(number(center.y))" r="4"/>"#)
    }

    mutating func text(_ text: String, at place: (x: Double, y: Double), _ anchor: Anchor = .start, of name: String) {
        elements.append(
            #"<text class="\#(name)" x="\#(number(place.x))" y="\#(number(place.y))" text-anchor="\#(anchor)">"#
                + "\(SVG.escaped(text))</text>")
    }

    /// The document.
    ///
    /// - Parameter title: for those who can't see it.
    func document(title: String) -> String {
        let size = "\(number(width)) \(number(height))"
        let head = [
            #"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \#(size)" width="\#(number(width))" role="img">"#,
            "<title>\(SVG.escaped(title))</title>", "<style>\n\(style)\n</style>",
        ]
        return (head + elements + ["</svg>"]).joined(separator: "\n") + "\n"
    }

    private static func escaped(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
    }

    /// To a tenth, and whole without a point.
    private func number(_ value: Double) -> String {
        let tenths = Int((value * 10).rounded())
        return tenths % 10 == 0 ? "\(tenths / 10)" : "\(Double(tenths) / 10)"
    }
}
