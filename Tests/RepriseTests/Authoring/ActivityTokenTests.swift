import Foundation
import Testing

@testable import Reprise

@Suite struct ActivityTokenTests {
    @Test(arguments: ["order", "a/b:c/1", "naïve 🚢"])
    func `A token survives as text and as JSON, whatever the workflow id is`(_ id: String) throws {
        let claim = ActivityClaim(run: RunID(workflowID: id, number: 12), operation: 3, nonce: "abc0123456789xyz:42.7")
        let token = ActivityToken(claim)
        #expect(token.run == claim.run)
        let read = try ActivityToken(token.description)
        #expect(read == token)
        #expect(read.claim == claim)
        let json = try JSONEncoder().encode([token])
        #expect(try JSONDecoder().decode([ActivityToken].self, from: json) == [token])
    }

    @Test(arguments: ["", "3", "3/abc:1.0", "3/abc:1.0/12", "3/abc:1.0/12:", "3//12:order", "x/abc:1.0/12:order"])
    func `What is no token is refused with what it is`(_ text: String) throws {
        let error = try #require(throws: InvalidArgument.self) { try ActivityToken(text) }
        #expect(error.value == text)
        #expect(error.problem.contains("completionToken"))
        let json = try JSONEncoder().encode([text])
        #expect(throws: DecodingError.self) { try JSONDecoder().decode([ActivityToken].self, from: json) }
    }
}
