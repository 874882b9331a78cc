import Reprise

extension Doctor {
    /// Judges what looked wrong, and repairs it if that is wanted.
    mutating func judgeSuspects() async throws(BackendError) {
        var items = Array(suspects)
        suspects = []
        var wrong: Set<DoctorItem> = []
        var missing: [DoctorItem: String] = [:]
        for round in 0..<3 where !items.isEmpty {
            let found = try await judge(items)
            wrong.formUnion(found.wrong)
            // Wrong again, but with another stamp: it is alive.
            missing = round == 0 ? found.missing : found.missing.filter { missing[$0.key] == $0.value }
            items = Array(missing.keys)
        }
        for (item, evidence) in missing {
            var item = item
            item.evidence = evidence
            wrong.insert(item)
        }
        let ordered = wrong.sorted { ($0.kind, $0.name) < ($1.kind, $1.name) }
        for row in try await ask(isRepairing ? "repair" : "judge", ordered, together: 4) {
            guard case .finding(let finding) = row.content else { continue }
            if finding.state == .repaired { repairs += 1 }
            report.add(finding)
        }
    }

    /// Which items a script finds wrong; and which are wrong by what was read beside it, with the evidence.
    private mutating func judge(
        _ items: [DoctorItem]
    ) async throws(BackendError) -> (wrong: [DoctorItem], missing: [DoctorItem: String]) {
        var wrong: [DoctorItem] = []
        var missing: [DoctorItem: String] = [:]
        var asked: [(item: DoctorItem, stamp: String, range: ClosedRange<Int>)] = []
        var tasks: [(task: String, lists: [String])] = []
        for row in try await ask("judge", items, together: 4) {
            switch row.content {
            case .finding: wrong.append(row.item)
            case .needs(let stamp, let least, let most, let task, let lists):
                asked.append((row.item, stamp, least...most))
                tasks.append((task, lists))
            case .operations: break
            }
        }
        let counts = try await lists.countNow(of: tasks, &reader)
        for (entry, count) in zip(asked, counts) where !entry.range.contains(count) {
            missing[entry.item] = entry.stamp
        }
        return (wrong, missing)
    }
}
