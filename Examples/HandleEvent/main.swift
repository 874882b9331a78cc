import Logging
import Reprise

let backend = InMemoryBackend()
let worker = try Worker(backend: backend, logger: Logger(label: "handle-event")) {
    Petition.self
    Parliament.handIn.implement { request in
        print("handed in: “\(request.demand)”, signed by \(request.signatures.joined(separator: ", "))")
    }
}
let working = Task { try await worker.run() }

let petition = try await WorkflowClient(backend: backend).start(
    Petition.self, id: "petition-1", Petition.Input(demand: "a bench in the park", needed: 3))
for name in ["Ada", "Ben", "Ada", "Cleo"] {
    print("\(name) signs")
    try await petition.signal(Petition.sign, name)
}
print("\(try await petition.result().count) people signed")

working.cancel()
