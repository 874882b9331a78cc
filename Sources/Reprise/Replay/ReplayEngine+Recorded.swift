/// Values that the history has, or that follow from it.
extension ReplayEngine {
    func sideEffect<Value>(
        _ coder: PayloadCoder<Value>, at location: SourceLocation, _ body: () -> Value
    ) throws -> Value {
        try check("sideEffect", at: location)
        do {
            if log.mode == .recording {
                isInSideEffect = true
                let value = body()
                isInSideEffect = false
                guard phase == .running else { throw WorkflowStopped() }
                let payload = try codec.encode(value, coder, "a side effect").bytes
                _ = try log.issue(Command(kind: .sideEffect, location: location.text, payload: payload))
                return value
            }
            let recorded = try log.match(Command(kind: .sideEffect, location: location.text))
            return try codec.decode(recorded.payload, coder, "a side effect")
        } catch {
            throw noted(error)
        }
    }

    func version(_ id: String, _ supported: ClosedRange<Int>, at location: SourceLocation) -> Int {
        guard (try? check("version", at: location)) != nil else { return supported.lowerBound }
        let version = versions[id] ?? takeVersion(id, supported, at: location)
        versions[id] = version
        if !supported.contains(version) {
            stop(
                .divergence,
                """
                run \(run) took version \(version) of “\(id)”, and this build supports \(supported) at \(location.text). \
                Run it with a build that has version \(version), or add it here
                """)
        }
        return version
    }

    private func takeVersion(_ id: String, _ supported: ClosedRange<Int>, at location: SourceLocation) -> Int {
        if log.mode == .replaying {
            if let recorded = log.takeVersion(id) { return recorded }
            // A place that the run went past before the change has no record of it, and gets none. That is version 1.
            return min(supported.lowerBound, 1)
        }
        let command = Command(
            kind: .version, name: id, argument: Int64(supported.upperBound), location: location.text)
        _ = try? log.issue(command)
        return supported.upperBound
    }

    func nextRandom() -> UInt64 {
        // Of a run that is stopped nothing counts any more.
        guard (try? check("random")) != nil else { return .random(in: .min ... .max) }
        randomState &+= 0x9E37_79B9_7F4A_7C15
        var bits = randomState
        bits = (bits ^ (bits >> 30)) &* 0xBF58_476D_1CE4_E5B9
        bits = (bits ^ (bits >> 27)) &* 0x94D0_49BB_1331_11EB
        return bits ^ (bits >> 31)
    }
}
