public import Reprise

/// A suite of tests that every backend has to pass. It knows nothing of the backend but the protocol.
///
/// With Swift Testing it becomes one parameterised test:
///
/// ```swift
/// let conformance = BackendConformance(
///     makeBackend: { retention in InMemoryBackend(clock: .virtual(startingAt: start), retention: retention) },
///     advance: { backend, duration in (backend as! InMemoryBackend).jump(by: duration, expiringLeases: true) },
///     checkInvariants: { backend in (backend as! InMemoryBackend).checkInvariants() })
/// ```
/// ```swift
/// @Test(arguments: BackendConformance.allCases)
/// func inMemoryBackend(conforms test: ConformanceCase) async throws {
///     try await conformance.run(test)
/// }
/// ```
public struct BackendConformance: Sendable {
    /// Makes an empty backend with this retention: a new namespace, if it shares a store with others.
    public typealias MakeBackend = @Sendable (Retention) async throws -> any Backend
    /// Lets time pass by the backend's clock.
    public typealias Advance = @Sendable (any Backend, Duration) async throws -> Void
    /// Finds what is broken in the backend's data.
    public typealias CheckInvariants = @Sendable (any Backend) async throws -> [InvariantViolation]
    /// Ends a backend after its case.
    public typealias TearDown = @Sendable (any Backend) async throws -> Void

    let makeBackend: MakeBackend
    let advance: Advance
    let checkInvariants: CheckInvariants
    let tearDown: TearDown

    /// Makes a suite for a backend.
    ///
    /// - Parameters:
    ///   - makeBackend: makes an empty backend. Each case has its own, so that they can run at the same time.
    ///   - advance: lets time pass: it moves a virtual clock, or it sleeps. The suite never needs more than seconds.
    ///   - checkInvariants: is called at the end of each case.
    ///   - tearDown: is called after each case, whatever its result.
    public init(
        makeBackend: @escaping MakeBackend,
        advance: @escaping Advance = { _, duration in try await Task.sleep(for: duration) },
        checkInvariants: @escaping CheckInvariants = { _ in [] },
        tearDown: @escaping TearDown = { _ in }
    ) {
        self.makeBackend = makeBackend
        self.advance = advance
        self.checkInvariants = checkInvariants
        self.tearDown = tearDown
    }

    /// Every case of the suite. Each is independent of the others.
    public static let allCases: [ConformanceCase] = [
        starting, startingLater, signalling, describing, waiting, registering, claiming, parking, waitingForWork,
        committing, largeTurns, closing, children, parentClosing, continuing, messages, timers, completing, foreseeing,
        retrying, timingOut,
        timingOutInAll, heartbeats, completingLater, telling, releasing, renewing, recovering, expiring, dying,
        suspects,
        blocking, blockedRuns,
        cancelling, terminating, pausing, retaining, payloads, limits, racing,
    ].flatMap(\.self)

    /// Runs one case on a backend of its own, and checks the invariants at its end.
    ///
    /// On a real clock a case can fail because the machine was busy: a lease ran out while nobody got to run. So a case
    /// that failed while the process was seen to stall is run again, on a new backend, a few times at most.
    ///
    /// - Throws: ``ConformanceFailure`` if the backend doesn't do what the contract says, or what the backend throws.
    public func run(_ test: ConformanceCase) async throws {
        for _ in 0..<4 {
            let stalls = StallDetector()
            do {
                return try await stalls.watch { try await runOnce(test) }
            } catch {
                if !stalls.hasStalled { throw error }
            }
        }
        try await runOnce(test)
    }

    private func runOnce(_ test: ConformanceCase) async throws {
        let backend = try await makeBackend(test.retention)
        do {
            let bench = Bench(backend: backend, suite: self)
            try await bench.within(.seconds(60)) { try await test.body(bench) }
            let violations = try await checkInvariants(backend)
            if let first = violations.first {
                throw ConformanceFailure("\(violations.count) invariants are broken after “\(test.name)”; \(first)")
            }
        } catch {
            try? await tearDown(backend)
            throw error
        }
        try await tearDown(backend)
    }
}
