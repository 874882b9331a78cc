import Foundation
import Reprise
import RepriseTesting
import Testing

@testable import handle_event

@Suite(.timeLimit(.minutes(1))) struct HandleEventTests {
    private let input = Petition.Input(demand: "a bench", needed: 3)

    @Test func `A petition waits until enough people have signed, for as long as it takes`() async throws {
        let handedIn = Calls<Parliament.Request>()
        let environment = try makeEnvironment(handedIn)
        let petition = try await environment.start(Petition.self, id: "petition", input)
        for name in ["Ada", "Ben", "Ada"] { try await petition.signal(Petition.sign, name) }
        await environment.advance(by: .days(365))
        // Ada has signed twice, and counts once.
        #expect(try await environment.signatures == ["Ada", "Ben"])
        #expect(handedIn.all == [])
        #expect(try await petition.describe().state == .idle)

        try await petition.signal(Petition.sign, "Cleo")
        #expect(try await petition.result() == ["Ada", "Ben", "Cleo"])
        #expect(handedIn.all == [.init(demand: "a bench", signatures: ["Ada", "Ben", "Cleo"])])
    }

    @Test func `Signatures that come before the run begins count, in their order`() async throws {
        let environment = try makeEnvironment()
        let petition = try await environment.start(
            Petition.self, id: "petition", input, options: .init(startAt: environment.now.addingTimeInterval(86_400)))
        for name in ["Cleo", "Ben", "Ada"] { try await petition.signal(Petition.sign, name) }
        await environment.settle()
        #expect(try await petition.describe().state == .delayed)
        await environment.advance(by: .days(1))
        #expect(try await petition.result() == ["Cleo", "Ben", "Ada"])
    }

    @Test func `A handler runs while the workflow waits for something else`() async throws {
        let (isBeingRead, mayGoOn) = (Gate(), Gate())
        let handedIn = Calls<Parliament.Request>()
        let environment = try TestEnvironment {
            Petition.self
            Parliament.handIn.implement { request in
                handedIn.add(request)
                isBeingRead.open()
                await mayGoOn.wait()
            }
        }
        let petition = try await environment.start(Petition.self, id: "petition", input)
        for name in ["Ada", "Ben", "Cleo"] { try await petition.signal(Petition.sign, name) }
        await isBeingRead.wait()
        try await petition.signal(Petition.sign, "Dan")
        try await petition.wait { $0.through == $0.lastArrival }
        #expect(try await environment.signatures == ["Ada", "Ben", "Cleo", "Dan"])
        mayGoOn.open()
        #expect(try await petition.result() == ["Ada", "Ben", "Cleo", "Dan"])
        // What was handed in was decided before Dan signed, and was handed in once.
        #expect(handedIn.all.map(\.signatures) == [["Ada", "Ben", "Cleo"]])
    }

    @Test func `A hundred people who sign at once are each counted once`() async throws {
        let environment = try makeEnvironment()
        let petition = try await environment.start(
            Petition.self, id: "petition", .init(demand: "a bench", needed: 100))
        try await withThrowingTaskGroup { group in
            for number in 1...100 {
                group.addTask { try await petition.signal(Petition.sign, "person \(number)") }
            }
            try await group.waitForAll()
        }
        let signatures = try await petition.result()
        #expect(signatures.count == 100)
        #expect(Set(signatures) == Set((1...100).map { "person \($0)" }))
    }

    private func makeEnvironment(_ handedIn: Calls<Parliament.Request> = Calls()) throws -> TestEnvironment {
        try TestEnvironment {
            Petition.self
            Parliament.handIn.implement { handedIn.add($0) }
        }
    }
}

extension TestEnvironment {
    fileprivate var signatures: [String]? {
        get async throws { try await variables(of: Petition.self, id: "petition").value("signatures") }
    }
}
