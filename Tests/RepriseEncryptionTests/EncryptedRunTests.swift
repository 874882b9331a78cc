import Foundation
import Reprise
import RepriseEncryption
import Testing

@Suite struct EncryptedRunTests {
    private static let retry = RetryPolicy.fixed(.milliseconds(5), attempts: 2)

    private func converter(_ current: String, others: [String] = []) throws -> EncryptingDataConverter {
        func key(_ id: String) throws -> EncryptionKey {
            try EncryptionKey(id: id, bytes: Array((id + String(repeating: "0", count: 32)).utf8.prefix(32)))
        }
        return try EncryptingDataConverter(key: key(current), otherKeys: others.map(key))
    }

    /// What a worker runs; the token of an activity that is left to be finished from outside comes in a stream.
    @RegistrationBuilder
    private func all(_ tokens: AsyncStream<ActivityToken>.Continuation? = nil) -> [Registration] {
        Vault.self
        Vault.Child.self
        Waiter.self
        Steps.work.implement { _, context in
            guard try context.heartbeatDetails(as: String.self) == nil else { return Secrets.activityOutput }
            try context.heartbeat(Secrets.heartbeat)
            throw RetryActivity(after: .milliseconds(1), reason: Secrets.retry)
        }
        Steps.decline.implement { _ in throw Declined(details: Secrets.details) }
        Steps.local.implement { _ in Secrets.local }
        Steps.later.implement { context in
            tokens?.yield(context.completionToken)
            try context.completeLater()
        }
    }

    /// Runs everything that puts something into a store; runs end in each way.
    private func runAll(_ site: Site, _ converter: any DataConverter) async throws {
        let client = WorkflowClient(backend: site.backend, dataConverter: converter)
        let (tokens, continuation) = AsyncStream.makeStream(of: ActivityToken.self)
        try await site.withWorker(converter) {
            all(continuation)
        } during: {
            let vault = try await client.start(Vault.self, id: "vault", .init(secret: Secrets.input))
            var token = tokens.makeAsyncIterator()
            try await client.complete(Steps.later, #require(await token.next()), with: Secrets.later)
            try await vault.signal(Vault.go, Secrets.signal)
            let output = try await vault.result(timeout: .patience)
            #expect(output == Secrets.output)

            let debugger = WorkflowDebugger(backend: site.backend, dataConverter: converter)
            let variables = try await debugger.variables(of: Vault.self, id: "vault", runNumber: 1)
            #expect(try variables.value("seen") == Vault.story)

            let failing = try await client.start(Vault.Child.self, id: "failing", "fail")
            let failure = await #expect(throws: WorkflowFailure.self) { try await failing.result(timeout: .patience) }
            #expect(failure?.message.contains(Secrets.error) == true)
            #expect(failure?.cause?.details(as: Declined.self) == Declined(details: Secrets.details))

            for (id, end) in [("cancelled", true), ("terminated", false)] {
                let waiter = try await client.start(Waiter.self, id: id, Secrets.activityInput)
                if end {
                    try await waiter.cancel(reason: Secrets.reason)
                } else {
                    try await waiter.terminate(reason: Secrets.reason)
                }
                let failure = await #expect(throws: WorkflowFailure.self) {
                    try await waiter.result(timeout: .patience)
                }
                #expect(failure?.message == Secrets.reason)
                let outcome = try await waiter.describe().outcome
                #expect(outcome == (end ? .cancelled(reason: Secrets.reason) : .terminated(reason: Secrets.reason)))
                #expect(try await client.describe(id: id).outcome == outcome)
            }
            if case .failed(let record)? = try await failing.describe().outcome {
                #expect(record.message.contains(Secrets.error))
            } else {
                Issue.record("it has not failed")
            }
        }
    }

    @Test func `Redis sees only cipher text, and replay, debugger and failures see what was meant`() async throws {
        try await Site.with { site in
            try await runAll(site, converter("k1"))
            let written = try site.everythingWritten()
            #expect(written.count > 10_000)
            for secret in Secrets.all {
                #expect(written.range(of: Data(secret.utf8)) == nil, "\(secret) is in clear")
                // Not hidden by an encoding alone either: three ways to stand in Base64.
                for shift in 0..<3 {
                    let text = Data((String(repeating: " ", count: shift) + secret).utf8).base64EncodedString()
                    let middle = Data(text.utf8.dropFirst(4).dropLast(4))
                    #expect(written.range(of: middle) == nil, "\(secret) is in Base64")
                }
            }
        }
    }

    @Test func `Without a key, the same run leaves its texts in clear`() async throws {
        try await Site.with { site in
            try await runAll(site, JSONDataConverter())
            let written = try site.everythingWritten()
            for secret in Secrets.all where secret != Secrets.details {
                #expect(written.range(of: Data(secret.utf8)) != nil, "\(secret) was not written at all")
            }
        }
    }

    @Test func `A run goes on after its key has become an old one, and what is new has the new key`() async throws {
        try await Site.with { site in
            let (old, new) = (try converter("k1"), try converter("k2", others: ["k1"]))
            let before = WorkflowClient(backend: site.backend, dataConverter: old)
            let run = try await site.withWorker(old) {
                all()
            } during: {
                let handle = try await before.start(Waiter.self, id: "waiter", Secrets.activityInput)
                try await handle.wait(until: { $0.through >= 2 }, timeout: .patience)
                return handle.run
            }
            let after = WorkflowClient(backend: site.backend, dataConverter: new)
            try await site.withWorker(new) {
                all()
            } during: {
                let handle = try await after.handle(Waiter.self, id: "waiter")
                try await handle.signal(Waiter.go, .yes)
                let output = try await handle.result(timeout: .patience)
                #expect(output == "\(Secrets.activityOutput) yes")
            }
            let history = try await site.history(of: run)
            let keys = history.map { entry in
                ["k1", "k2"].filter { entry.payload.has("AESGCM1:\($0):") }
            }
            #expect(keys.first == ["k1"])
            #expect(keys.last == ["k2"])
        }
    }

    @Test func `A worker without the key fails no run and no activity; one that has it goes on`() async throws {
        try await Site.with { site in
            let (ours, others) = (try converter("k1"), try converter("k2"))
            let client = WorkflowClient(backend: site.backend, dataConverter: ours)
            let handle = try await client.start(Waiter.self, id: "waiter", Secrets.activityInput)
            let patient = WorkerOptions(maxCachedRuns: 0, turnRetry: .fixed(.milliseconds(5)))
            try await site.withWorker(others, options: patient) {
                all()
            } during: {
                let seen = try await handle.wait(until: { $0.turnFailures > 0 }, timeout: .patience)
                #expect(seen.reason?.contains("“k1”") == true)
            }
            // The turn by one who can, the activity by one who can't.
            try await site.withWorker(ours) {
                Waiter.self
            } during: {
                try await site.withWorker(others) {
                    Steps.work.implement { _ in Secrets.activityOutput }
                } during: {
                    let failed = ContinuousClock.now + .patience
                    while try await site.lastError(of: handle.run) == nil, .now < failed {
                        try await Task.sleep(for: .milliseconds(5))
                    }
                }
                #expect(try await site.lastError(of: handle.run)?.contains("“k1”") == true)
                try await site.withWorker(ours) {
                    Steps.work.implement { _ in Secrets.activityOutput }
                } during: {
                    try await handle.signal(Waiter.go, .no)
                    let output = try await handle.result(timeout: .patience)
                    #expect(output == "\(Secrets.activityOutput) no")
                }
            }
        }
    }

    @Test func `Who has another key sees cipher text, and errors that name the missing one`() async throws {
        try await Site.with { site in
            try await runAll(site, converter("k1"))
            let stranger = try converter("k2")
            let client = WorkflowClient(backend: site.backend, dataConverter: stranger)
            let failing = try await client.handle(Vault.Child.self, id: "failing")
            let failure = await #expect(throws: WorkflowFailure.self) { try await failing.result(timeout: .patience) }
            #expect(failure?.type == "ActivityFailure")
            #expect(failure?.message.hasPrefix("encoded:") == true)
            #expect(failure?.cause?.message.hasPrefix("encoded:") == true)
            #expect(failure?.cause?.details(as: Declined.self) == nil)
            let vault = try await client.handle(Vault.self, id: "vault")
            let error = await #expect(throws: PayloadError.self) { try await vault.result(timeout: .patience) }
            #expect(error?.decryption?.missingKey == "k1")
            for reader: any DataConverter in [stranger, JSONDataConverter()] {
                let debugger = WorkflowDebugger(backend: site.backend, dataConverter: reader)
                let error = await #expect(throws: TurnFailure.self) {
                    try await debugger.variables(of: Vault.self, id: "vault", runNumber: 1)
                }
                #expect(error?.kind == .payload)
            }
        }
    }

    @Test func `A divergence is found and names both places, and no reason quotes a payload`() async throws {
        try await Site.with { site in
            let converter = try converter("k1")
            let client = WorkflowClient(backend: site.backend, dataConverter: converter)
            let handle = try await client.start(Waiter.self, id: "changed", Secrets.activityInput)
            let confused = try await client.start(Waiter.self, id: "confused", Secrets.activityInput)
            try await site.withWorker(converter) {
                all()
            } during: {
                try await handle.wait(until: { $0.through >= 2 }, timeout: .patience)
                try await confused.wait(until: { $0.through >= 2 }, timeout: .patience)
                // A payload that its type can't have: Foundation's error would quote it.
                try await confused.signal(Signal<Waiter, String>("go"), Secrets.signal)
                let blocked = try await confused.wait(until: { $0.reason != nil }, timeout: .patience)
                #expect(blocked.reason?.contains("signal go") == true)
            }
            try await site.withWorker(converter, options: .init(maxCachedRuns: 0, turnRetry: Self.retry)) {
                OtherWaiter.self
            } during: {
                try await handle.signal(Signal<Waiter, String>("go"), Secrets.signal)
                let blocked = try await handle.wait(until: { $0.state == .blocked }, timeout: .patience)
                #expect(blocked.reason?.contains("activity work at") == true)
                #expect(blocked.reason?.contains("with another input") == true)
            }
            let written = try site.everythingWritten()
            for secret in Secrets.all { #expect(written.range(of: Data(secret.utf8)) == nil, "\(secret) is in clear") }
        }
    }
}

extension [UInt8] {
    fileprivate func has(_ text: String) -> Bool { Data(self).range(of: Data(text.utf8)) != nil }
}
