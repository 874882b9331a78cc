import Reprise

/// What a script judges at one moment, see `Scripts/Checks`.
struct DoctorItem: Hashable {
    var kind: String
    var name: String { exactName.text }
    private let exactName: ExactName
    /// What was found where it is too much for a script; empty for nothing.
    var evidence = ""

    init(_ kind: String, _ name: String) {
        self.kind = kind
        exactName = ExactName(name)
    }

    /// An item whose name has several parts.
    init(_ kind: String, parts: some Sequence<String>) {
        self.init(kind, Self.packed(parts))
    }

    static func packed(_ parts: some Sequence<String>) -> String {
        parts.map { "\($0.utf8.count):\($0)" }.joined()
    }
}
