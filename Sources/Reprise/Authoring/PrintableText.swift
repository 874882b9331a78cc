extension String {
    /// The text on one line, with everything escaped that a terminal could take for a command or show as something else:
    /// control characters, line separators, marks that turn the direction of writing or can't be seen. Names and ids are
    /// chosen by users, and often by users of theirs.
    package var printable: String {
        guard unicodeScalars.contains(where: \.actsOnDisplay) else { return self }
        return unicodeScalars.reduce(into: "") { text, scalar in
            if scalar.actsOnDisplay {
                text += scalar.escaped(asASCII: true)
            } else {
                text.unicodeScalars.append(scalar)
            }
        }
    }

    /// The beginning of bytes for people: text if they are some, else how many there are.
    init(excerptOf bytes: [UInt8], limit: Int) {
        // The limit may cut a character in two.
        let end = bytes.count > limit ? bytes[...limit].lastIndex { $0 & 0xC0 != 0x80 } ?? 0 : bytes.count
        guard let text = String(validating: bytes[..<end], as: UTF8.self) else {
            self = "\(bytes.count) bytes"
            return
        }
        self = text.printable + (end < bytes.count ? "…" : "")
    }
}

extension Unicode.Scalar {
    fileprivate var actsOnDisplay: Bool {
        switch properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned: true
        default: false
        }
    }
}
