import Reprise
import RepriseRedis
import Testing

/// Every invariant that the doctor checks: a fault is injected, found, and mended or reported to a person.
struct DoctorFaultTests {
    @Test(arguments: DoctorScene.State.allCases)
    func `a run in any state is sound, and finishes`(_ state: DoctorScene.State) async throws {
        try await DoctorScene.with(state) { scene in
            #expect(try await scene.backend.examine(repairing: true).findings == [])
            try await scene.finish()
            let report = try await scene.backend.examine()
            #expect(report.findings == [])
            #expect(report.runs > 0)
        }
    }

    @Test(arguments: DoctorFault.all)
    func `a fault is found by its name, and repaired or shown to a person`(_ fault: DoctorFault) async throws {
        try await DoctorScene.with(fault.state) { scene in
            try await fault.inject(scene)
            let found = try await scene.backend.examine()
            #expect(found.findings.map(\.violation.invariant).contains(fault.invariant))
            #expect(!found.isClean)
            #expect(try await scene.backend.examine().findings == found.findings, "looking changes nothing")

            let repaired = try await scene.backend.examine(repairing: true)
            let left = repaired.findings.filter { $0.state == .needsPerson }
            #expect(repaired.findings.allSatisfy { !$0.remedy.isEmpty && $0.state != .repairable })
            if fault.needsPerson {
                #expect(left.map(\.violation.invariant).contains(fault.invariant))
                let isOpen = try? await !scene.state().isClosed
                let isReadable = fault.invariant != "a listed run exists and can be read"
                if isOpen == true, isReadable, left.contains(where: { $0.violation.run == scene.run }) {
                    #expect(try await scene.state() == .blocked)
                }
            } else {
                #expect(left == [])
                #expect(repaired.findings.map(\.violation.invariant).contains(fault.invariant))
                #expect(repaired.isClean)
            }
            // Again: nothing is left to repair, and what a person must look at is still said.
            let again = try await scene.backend.examine(repairing: true)
            #expect(again.findings == left)
            if !fault.needsPerson, fault.invariant != "a listed run exists and can be read" {
                try await scene.finish()
                let end = try await scene.backend.examine().findings
                #expect(end == [])
            }
        }
    }
}
