/// Child workflows, as workflow code asks for them.
extension ReplayEngine {
    /// Issues a child. It never throws: what keeps it from being issued is thrown where its value is awaited.
    func startChild<Target: Workflow>(
        _ type: Target.Type, id: String?, _ input: Target.Input, options: ChildOptions, at location: SourceLocation
    ) -> ChildHandle<Target> {
        let workflowID = id ?? "\(run.workflowID)/\(run.number)/\(log.positionAfterVersions)"
        let operation: Operation
        do {
            try check("startChild", at: location)
            try Task.checkCancellation()
            try InvalidArgument.check(name: workflowID, field: "id")
            try InvalidArgument.check(name: Target.name, field: "\(Target.self).name")
            if let queue = options.queue { try InvalidArgument.check(name: queue, field: "queue") }
            try InvalidArgument.check(name: options.version, field: "version", mayBeEmpty: true)
            let payload = try codec.encode(input, Target.inputCoder, "the input of child workflow \(Target.name)")
            let record = StartRecord(type: Target.name, version: options.version, input: payload.bytes).encoded()
            let command = Command(
                kind: .startChild, name: Target.name,
                fingerprint: payload.fingerprint.map { ChildPayload.fingerprint(of: workflowID, $0) },
                location: location.text, payload: ChildPayload(workflowID: workflowID, record: record).encoded())
            let number = try log.issue(command) { recorded in
                guard let recorded = try? ChildPayload(decoding: recorded), recorded.workflowID.isExactly(workflowID),
                    let record = try? StartRecord(decoding: recorded.record)
                else { return false }
                return isSame(input, record.input, Target.inputCoder, "the input of child workflow \(Target.name)")
            }
            operation = Operation(number: number, kind: .child)
            operations[number] = operation
            if log.mode == .recording {
                pending.append(
                    PendingEffect(
                        operation: number,
                        kind: .child(workflowID: workflowID, options: options, recordSize: record.count)))
            }
        } catch {
            operation = Operation(number: nil, kind: .child, resolution: .thrown(noted(error)))
        }
        return ChildHandle(workflowID: workflowID, engine: self, operation: operation, location: location)
    }

    func signalChild<Target, Payload>(
        _ operation: Operation, _ signal: Signal<Target, Payload>, _ payload: Payload, at location: SourceLocation
    ) throws {
        try check("signal", at: location)
        if let number = operation.number {
            do {
                let payload = try codec.encode(payload, signal.coder, "signal \(signal.name)").bytes
                // The same in every replay, and no other signal's.
                let record = SignalRecord(id: "\(run)/\(log.nextPosition)", name: signal.name, payload: payload)
                _ = try log.issue(
                    Command(
                        kind: .signalChild, name: signal.name, argument: Int64(number), location: location.text,
                        payload: record.encoded()))
            } catch {
                throw noted(error)
            }
        } else if case .thrown(let error) = operation.resolution {
            throw error
        }
    }

    /// Cancels an operation that code has the handle of.
    func cancelOperation(_ operation: Operation, at location: SourceLocation) {
        guard (try? check("cancel", at: location)) != nil else { return }
        cancel(operation, location: location)
    }
}

/// The payload of a command that starts a child: its workflow id, and its ``StartRecord`` at the end.
struct ChildPayload {
    var workflowID: String
    var record: [UInt8]

    init(workflowID: String, record: [UInt8]) {
        self.workflowID = workflowID
        self.record = record
    }

    init(decoding bytes: [UInt8]) throws(CorruptHistory) {
        var reader = PackedReader(bytes)
        workflowID = try reader.readString()
        record = try reader.readBytes()
    }

    func encoded() -> [UInt8] {
        var writer = PackedWriter()
        writer.write(workflowID)
        writer.write(record)
        return writer.bytes
    }

    static func fingerprint(of workflowID: String, _ input: UInt64) -> UInt64 {
        Fingerprint.hash(Array("\(input) \(workflowID)".utf8))
    }
}
