import Reprise
import Testing

@Suite struct RetryPolicyTests {
    @Test func `The first delay is the initial interval`() {
        for initial in [Duration.milliseconds(1), .milliseconds(250), .seconds(1), .seconds(60)] {
            #expect(RetryPolicy.exponential(initial: initial).delay(after: 1) == initial)
            #expect(RetryPolicy.exponential(initial: initial, multiplier: 10).delays(2) == [initial])
        }
    }

    @Test func `The plan lists the delays between the attempts`() {
        let seconds = { (numbers: [Int]) in numbers.map { Duration.seconds($0) } }
        #expect(RetryPolicy.exponential().delays(5) == seconds([1, 2, 4, 8]))
        #expect(RetryPolicy.exponential(maximum: .seconds(5)).delays(5) == seconds([1, 2, 4, 5]))
        #expect(RetryPolicy.exponential(initial: .seconds(2), multiplier: 3).delays(4) == seconds([2, 6, 18]))
        #expect(RetryPolicy.exponential(attempts: 3).delays(10) == seconds([1, 2]))
        #expect(RetryPolicy.fixed(.seconds(7), attempts: 4).delays(10) == seconds([7, 7, 7]))
        #expect(RetryPolicy.none.delays(5) == [])
        #expect(RetryPolicy.exponential().delays(1) == [])
        #expect(RetryPolicy.exponential().delays(0) == [])
    }

    @Test(.timeLimit(.minutes(1))) func `The delay of a late attempt takes no longer to compute`() {
        let late = 1_000_000_000_000
        #expect(RetryPolicy.fixed(.seconds(7)).delay(after: late) == .seconds(7))
        #expect(RetryPolicy.exponential(initial: .zero).delay(after: late) == .zero)
        #expect(RetryPolicy.exponential(multiplier: 1.000_000_1).delay(after: late) == .seconds(60))
        let slow = RetryPolicy.fixed(.seconds(7), jitter: 0)
        #expect(RetryPolicy(initial: .zero, multiplier: 1, attempts: nil).delay(after: late) == .zero)
        #expect(slow.delay(after: late, run: 1, operation: 1) == .seconds(7))
    }

    @Test func `Jitter takes off at most its part, and spreads`() throws {
        let policy = RetryPolicy.exponential(initial: .seconds(10), jitter: 0.2)
        var delays: [Duration] = []
        for run in 1...100 {
            for operation in 0..<10 {
                delays.append(try #require(policy.delay(after: 1, run: run, operation: operation)))
            }
        }
        #expect(delays.allSatisfy { (.seconds(8) ... .seconds(10)).contains($0) })
        // A tenth of a thousand in each tenth of the range, more or less.
        for tenth in 0..<10 {
            let range = Duration.milliseconds(8000 + tenth * 200) ..< .milliseconds(8200 + tenth * 200)
            #expect((50...150).contains(delays.count { range.contains($0) }), "\(range)")
        }
    }

    @Test func `Jitter is the same for the same attempt, and another for the next`() {
        let policy = RetryPolicy.fixed(.seconds(3600), jitter: 0.5)
        let delays = (1...20).map { policy.delay(after: $0, run: 42, operation: 7) }
        #expect((1...20).map { policy.delay(after: $0, run: 42, operation: 7) } == delays)
        #expect(Set(delays).count == 20)
        // Not to be changed: the script computes the same, and old workers run beside new ones.
        #expect(policy.delay(after: 1, run: 42, operation: 7) == .milliseconds(3_446_108))
    }

    @Test func `Without jitter the delay is the plan, and more than all of it is all of it`() throws {
        let plan = RetryPolicy.exponential(jitter: 0)
        #expect((1...6).map { plan.delay(after: $0, run: 3, operation: 1) } == (1...6).map { plan.delay(after: $0) })
        let all = RetryPolicy.fixed(.seconds(1), jitter: 7)
        for run in 1...100 {
            let delay = try #require(all.delay(after: 1, run: run, operation: 0))
            #expect((.zero ... .seconds(1)).contains(delay))
        }
    }

    @Test func `The last attempt has no delay, with jitter or without`() {
        let policy = RetryPolicy.exponential(attempts: 2)
        #expect(policy.delay(after: 1, run: 1, operation: 1) != nil)
        #expect(policy.delay(after: 2, run: 1, operation: 1) == nil)
        #expect(policy.delay(after: 2) == nil)
    }

    @Test func `Numbers without sense give delays that make sense`() throws {
        for multiplier in [0, -1, .nan, .infinity, 1e300] as [Double] {
            for attempt in [1, 2, 5] {
                let policy = RetryPolicy(multiplier: multiplier, attempts: nil, jitter: .nan)
                let delay = try #require(policy.delay(after: attempt, run: 1, operation: 1))
                #expect((.zero ... .seconds(60)).contains(delay), "\(multiplier), \(attempt)")
            }
        }
    }
}
