import ArgumentParser

/// What a subscription is started with.
struct SubscriptionOptions: ParsableArguments {
    @Option(help: "The workflow id.")
    var id = "sub-1"

    @Option(help: "The amount in all.")
    var amount = 1000

    @Option(help: "How many cycles it is paid in.")
    var cycles = 6

    @Option(help: "How long a cycle lasts, such as 500ms, 1s, 2m.", transform: DurationArgument.seconds)
    var cycleDuration = 1.0

    var input: Subscription.Input {
        Subscription.Input(totalAmount: amount, cycles: cycles, cycleSeconds: cycleDuration)
    }

    func validate() throws {
        guard cycles > 0 else { throw ValidationError("--cycles must be at least 1, not \(cycles)") }
        guard amount >= 0 else { throw ValidationError("--amount must not be negative: \(amount)") }
    }
}

/// Reads durations as people write them.
enum DurationArgument {
    static func seconds(_ text: String) throws -> Double {
        let units: [(suffix: String, seconds: Double)] = [
            ("ms", 0.001), ("s", 1), ("m", 60), ("h", 3600), ("d", 86_400),
        ]
        for (suffix, unit) in units where text.hasSuffix(suffix) {
            guard let count = Double(text.dropLast(suffix.count)), count >= 0, count.isFinite else { break }
            return count * unit
        }
        throw ValidationError("“\(text)” is not a duration: write a number and ms, s, m, h or d, such as 1.5s")
    }
}
