import NIOConcurrencyHelpers
import Testing

/// What the fault tests did, and what came of it.
final class Figures: Sendable {
    struct Row: Sendable {
        var test: String
        /// Processes killed or stopped, connections cut, scripts flushed.
        var faults = 0
        var runs = 0
        var activities = 0
        /// Activities that were executed more than once.
        var repeated = 0
        var violations = 0
    }

    static let shared = Figures()
    private let rows = NIOLockedValueBox<[Row]>([])

    /// The row of the test that runs now.
    func add(faults: Int = 0, runs: Int = 0, activities: Int = 0, repeated: Int = 0, violations: Int = 0) {
        let test = Test.current?.displayName ?? Test.current?.name ?? ""
        rows.withLockedValue { rows in
            if rows.last?.test != test { rows.append(Row(test: test)) }
            let last = rows.count - 1
            rows[last].faults += faults
            rows[last].runs += runs
            rows[last].activities += activities
            rows[last].repeated += repeated
            rows[last].violations += violations
        }
    }

    /// A line for each test, and their sum.
    var table: String {
        let rows = rows.withLockedValue { $0 }
        var sum = Row(test: "all")
        for row in rows {
            sum.faults += row.faults
            sum.runs += row.runs
            sum.activities += row.activities
            sum.repeated += row.repeated
            sum.violations += row.violations
        }
        let header = Self.line("faults", "runs", "activities", "repeated", "violations", "test")
        return ([header] + (rows + [sum]).map(\.line)).joined(separator: "\n")
    }

    fileprivate static func line(_ cells: String...) -> String {
        cells.dropLast().map { String(repeating: " ", count: max(0, 10 - $0.count)) + $0 }.joined(separator: " ") + "  "
            + (cells.last ?? "")
    }
}

extension Figures.Row {
    fileprivate var line: String {
        Figures.line("\(faults)", "\(runs)", "\(activities)", "\(repeated)", "\(violations)", test)
    }
}

/// Prints the figures after the last test.
struct PrintsFigures: SuiteTrait, TestScoping {
    @concurrent func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @concurrent @Sendable () async throws -> Void
    ) async throws {
        try await function()
        print(Figures.shared.table)
    }
}

extension Trait where Self == PrintsFigures {
    static var printsFigures: PrintsFigures { PrintsFigures() }
}
