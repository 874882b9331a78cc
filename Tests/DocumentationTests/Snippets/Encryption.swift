import Logging
import Reprise
import RepriseEncryption
import RepriseRedis

private struct Encrypted {
    let secret: [UInt8]
    let backend: RedisBackend
    let logger: Logger
    let stripe: any PaymentGateway

    func make() throws -> (WorkflowClient, Worker) {
        let converter = try EncryptingDataConverter(key: EncryptionKey(id: "2026-07", bytes: secret))
        let client = WorkflowClient(backend: backend, dataConverter: converter)
        let worker = try Worker(backend: backend, queue: "billing", dataConverter: converter, logger: logger) {
            Subscription.self
            PaymentActivities(gateway: stripe)
        }
        return (client, worker)
    }
}
