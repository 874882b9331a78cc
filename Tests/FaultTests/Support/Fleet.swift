import Testing

/// A number of worker processes. One that ends is replaced by another, until the fleet is dismissed.
actor Fleet {
    private let site: FaultSite
    private let prefix: String
    private var started = 0
    private var members: [WorkerProcess] = []
    private var killed: Set<String> = []
    private var isDismissed = false
    private(set) var deaths = 0

    init(_ site: FaultSite, prefix: String = "worker") {
        self.site = site
        self.prefix = prefix
    }

    /// Runs a test beside a fleet, and lets the workers stop gracefully after it: all must exit with 0.
    @discardableResult
    static func with<Value: Sendable>(
        _ count: Int, at site: FaultSite, during body: (Fleet) async throws -> Value
    ) async throws -> Value {
        let fleet = Fleet(site)
        for _ in 0..<count { try await fleet.enlist() }
        let result = await Result { try await body(fleet) }
        await fleet.dismiss()
        return try result.get()
    }

    func enlist() throws {
        started += 1
        let worker = try site.worker("\(prefix)-\(started)")
        members.append(worker)
        Task { await watch(worker) }
    }

    /// Kills one, as a power cut would.
    func killOne(_ choice: UInt64) {
        guard let victim = one(choice) else { return }
        killed.insert(victim.name)
        victim.kill()
        Figures.shared.add(faults: 1)
    }

    /// Stops one in its tracks, until it is resumed.
    func suspendOne(_ choice: UInt64) -> WorkerProcess? {
        guard let victim = one(choice) else { return nil }
        victim.suspend()
        Figures.shared.add(faults: 1)
        return victim
    }

    private func one(_ choice: UInt64) -> WorkerProcess? {
        let living = members.filter { !$0.hasExited && !killed.contains($0.name) }
        return living.isEmpty ? nil : living[Int(choice % UInt64(living.count))]
    }

    /// What the workers that live now have logged.
    var logs: String { members.map { "--- \($0.name)\n\($0.log)" }.joined(separator: "\n") }

    func dismiss() async {
        isDismissed = true
        for worker in members { worker.terminate() }
        for worker in members {
            // One that hangs must not hang the tests.
            let watchdog = Task {
                try await Task.sleep(for: .seconds(10))
                worker.kill()
            }
            let status = await worker.exitStatus()
            watchdog.cancel()
            #expect(status == 0, "\(worker.name) is told to stop and stops:\n\(worker.log.suffix(3000))")
        }
    }

    private func watch(_ worker: WorkerProcess) async {
        let status = await worker.exitStatus()
        guard !isDismissed else { return }
        members.removeAll { $0 === worker }
        guard status >= 128 else {
            Issue.record("\(worker.name) has stopped by itself, with \(status):\n\(worker.log.suffix(3000))")
            return
        }
        deaths += 1
        do { try enlist() } catch { Issue.record(error) }
    }
}
