import Foundation

/// A workflow's variables at one point of its history.
public struct WorkflowVariables: Hashable, Sendable, CustomStringConvertible {
    /// A variable's name and its value as JSON.
    public struct Entry: Hashable, Sendable {
        /// The name.
        public let name: String
        /// The value as JSON; a value that isn't `Encodable` is a string: its description.
        public let json: String
    }

    /// The variables: `@Variable` properties in the order of their declaration, then those set by name.
    public let entries: [Entry]

    package init(_ variables: [(name: String, value: Any)]) {
        entries = variables.map { Entry(name: $0.name, json: WorkflowVariables.json($0.value)) }
    }

    /// A variable's value as JSON; `nil` if there is none of the name.
    public subscript(name: String) -> String? { entries.first { $0.name == name }?.json }

    /// A variable's value; `nil` if there is none of the name.
    ///
    /// - Throws: `DecodingError` if it is of another type.
    public func value<Value: Decodable>(_ name: String, as type: Value.Type = Value.self) throws -> Value? {
        try self[name].map { json in
            let decoder = JSONDecoder()
            decoder.dateDecodingStrategy = .custom { decoder in
                try Date(decoder.singleValueContainer().decode(String.self), strategy: WorkflowVariables.dateStyle)
            }
            return try decoder.decode(type, from: Data(json.utf8))
        }
    }

    /// All variables as one JSON object, in their order.
    public var json: String {
        "{" + entries.map { "\(WorkflowVariables.json($0.name)):\($0.json)" }.joined(separator: ",") + "}"
    }

    /// As ``json``.
    public var description: String { json }

    /// For people: `2026-01-31T12:00:00.000Z`.
    private static let dateStyle = Date.ISO8601FormatStyle(includingFractionalSeconds: true)

    private static func json(_ value: Any) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.dateEncodingStrategy = .custom { date, encoder in
            var container = encoder.singleValueContainer()
            try container.encode(date.formatted(dateStyle))
        }
        if let value = value as? any Encodable, let data = try? encoder.encode(value) {
            return String(decoding: data, as: UTF8.self)
        }
        // A string always encodes.
        return String(decoding: try! encoder.encode(String(describing: value)), as: UTF8.self)
    }
}
