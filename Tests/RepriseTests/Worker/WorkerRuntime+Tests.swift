@testable import Reprise

extension WorkerRuntime {
    /// The machine, on which a worker's time goes so many times as fast.
    static func hurried(_ factor: Int) -> WorkerRuntime {
        var runtime = WorkerRuntime.machine
        let machine = runtime
        runtime.now = { machine.now() * factor }
        runtime.sleep = { end in try await machine.sleep(end / factor) }
        return runtime
    }
}
