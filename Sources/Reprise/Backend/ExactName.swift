/// A name as a key. Names are equal if their bytes are: strings are, too, if they only look the same.
package struct ExactName: Hashable, Sendable {
    package var text: String

    package init(_ text: String) { self.text = text }

    package static func == (one: ExactName, other: ExactName) -> Bool { one.text.isExactly(other.text) }

    package func hash(into hasher: inout Hasher) {
        for byte in text.utf8 { hasher.combine(byte) }
    }
}

extension String {
    /// Whether it has the same bytes as another string.
    package func isExactly(_ other: String) -> Bool { utf8.elementsEqual(other.utf8) }
}

extension Dictionary where Key == ExactName {
    /// The value under a name.
    package subscript(name: String) -> Value? {
        get { self[ExactName(name)] }
        _modify { yield &self[ExactName(name)] }
    }

    /// The value under a name, or else another.
    package subscript(name: String, default value: @autoclosure () -> Value) -> Value {
        get { self[ExactName(name)] ?? value() }
        _modify { yield &self[ExactName(name), default: value()] }
    }
}
