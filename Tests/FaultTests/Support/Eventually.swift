import Testing

/// A condition that did not come true in time.
struct NeverHappened: Error, CustomStringConvertible {
    let description: String
}

/// Waits until a condition holds. Errors of the condition count as "not yet" and are told in the end.
func eventually(
    _ what: String, within limit: Duration = .seconds(30), _ condition: () async throws -> Bool
) async throws {
    let deadline = ContinuousClock.now + limit
    while true {
        var obstacle = ""
        do {
            if try await condition() { return }
        } catch {
            obstacle = ": \(error)"
        }
        guard ContinuousClock.now < deadline else {
            throw NeverHappened(description: "waited \(limit) in vain until \(what)\(obstacle)")
        }
        try await Task.sleep(for: .milliseconds(20))
    }
}
