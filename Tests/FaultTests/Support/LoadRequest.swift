import FaultWorker
import Foundation
import Reprise

/// What a client asks for with one run of ``Load``; it can be asked for again.
struct LoadRequest: Sendable {
    let input: Load.Input
    let start: StartRequest
    let signals: [SignalRecord]

    init(_ input: Load.Input) {
        self.input = input
        start = StartRequest(
            requestID: UUID().uuidString, workflowID: "load-\(input.seed)", queue: "default",
            record: StartRecord(type: Load.name, version: "", input: Array(try! JSONEncoder().encode(input))))
        signals = [(Load.addBonus.name, input.bonusAmount), (Load.approved.name, input.approvedAmount)].map {
            SignalRecord(id: UUID().uuidString, name: $0, payload: Array("\($1)".utf8))
        }
    }
}
