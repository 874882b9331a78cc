import Foundation
import Reprise
import RepriseRedis

/// What the doctor has found, to be printed.
struct Diagnosis {
    var namespace: String
    var settings: [PreflightFinding]
    var report: DoctorReport

    var isWell: Bool { report.isClean && !settings.contains { $0.severity == .unsafe } }

    // MARK: Text

    func text() -> String {
        var lines = ["Settings" + (settings.isEmpty ? ": nothing to say" : "")]
        for finding in settings {
            lines.append("  \(finding.severity.rawValue.padded) \(finding.setting): \(finding.found.printable)")
            lines.append("          \(finding.consequence.printable)")
            lines.append("          fix: \(finding.fix.printable)")
        }
        let runs = report.runs == 1 ? "1 run" : "\(report.runs) runs"
        lines.append("Namespace \(namespace.printable): \(runs), \(report.operations) open operations looked at")
        for finding in report.findings {
            let violation = finding.violation
            let run = violation.run.map { "run \($0): " } ?? ""
            lines.append("  \(Self.word(finding.state).padded) \((run + violation.invariant).printable)")
            lines.append("          found: \(violation.finding.printable)")
            let label = finding.state == .needsPerson ? "to do" : finding.state == .repaired ? "repair" : "--repair"
            lines.append("          \(label): \(finding.remedy.printable)")
        }
        if report.omitted > 0 { lines.append("  and \(report.omitted) more") }
        lines.append(summary)
        return lines.joined(separator: "\n") + "\n"
    }

    private static func word(_ state: DoctorFinding.State) -> String {
        switch state {
        case .repairable: "broken"
        case .repaired: "repaired"
        case .needsPerson: "to do"
        }
    }

    private var summary: String {
        let repaired = report.findings.count { $0.state == .repaired }
        let left = report.findings.count - repaired + report.omitted
        let unsafe = settings.count { $0.severity == .unsafe }
        if isWell { return repaired == 0 ? "All is well." : "All is well again: \(repaired) repaired." }
        var parts: [String] = []
        if repaired > 0 { parts.append("\(repaired) repaired") }
        if left > 0 { parts.append("\(left) wrong") }
        if unsafe > 0 { parts.append("\(unsafe) unsafe setting\(unsafe == 1 ? "" : "s")") }
        return "Not well: " + parts.joined(separator: ", ") + "."
    }

    // MARK: JSON

    func json() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(Values(self)), as: UTF8.self) + "\n"
    }

    private struct Values: Encodable {
        var namespace: String
        var isWell: Bool
        var runs: Int
        var operations: Int
        var omitted: Int
        var settings: [[String: String]]
        var findings: [[String: String]]

        init(_ diagnosis: Diagnosis) {
            namespace = diagnosis.namespace
            isWell = diagnosis.isWell
            runs = diagnosis.report.runs
            operations = diagnosis.report.operations
            omitted = diagnosis.report.omitted
            settings = diagnosis.settings.map {
                [
                    "severity": $0.severity.rawValue, "setting": $0.setting, "found": $0.found,
                    "consequence": $0.consequence, "fix": $0.fix,
                ]
            }
            findings = diagnosis.report.findings.map {
                var values = [
                    "state": $0.state.rawValue, "invariant": $0.violation.invariant, "found": $0.violation.finding,
                    "remedy": $0.remedy,
                ]
                values["run"] = $0.violation.run?.description
                return values
            }
        }
    }
}

extension String {
    /// As wide as the longest first word of a line.
    fileprivate var padded: String { padding(toLength: 8, withPad: " ", startingAt: 0) }
}
