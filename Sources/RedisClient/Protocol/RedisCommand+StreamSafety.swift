extension RedisCommand {
    /// Why this command cannot go through a connection that expects exactly one reply to each command, if it cannot.
    var reasonNotToSend: String? {
        guard !ends.isEmpty else { return "a command needs a name" }
        let name = argument(0)
        // Told apart by length first: nearly all commands leave here without a comparison.
        switch name.count {
        case 4 where matches(name, "QUIT") || matches(name, "SYNC"),
            5 where matches(name, "HELLO") || matches(name, "RESET") || matches(name, "PSYNC"),
            7 where matches(name, "MONITOR"),
            9 where matches(name, "SUBSCRIBE"),
            10 where matches(name, "PSUBSCRIBE") || matches(name, "SSUBSCRIBE"),
            11 where matches(name, "UNSUBSCRIBE"),
            12 where matches(name, "PUNSUBSCRIBE") || matches(name, "SUNSUBSCRIBE"):
            return "\(self.name) changes how the connection answers; use subscribe(to:) for messages"
        case 6 where matches(name, "CLIENT") && count > 1 && matches(argument(1), "REPLY"):
            return "CLIENT REPLY changes how the connection answers"
        default:
            return nil
        }
    }

    private func matches(_ word: ArraySlice<UInt8>, _ upper: StaticString) -> Bool {
        guard word.count == upper.utf8CodeUnitCount else { return false }
        return upper.withUTF8Buffer { expected in
            // Clearing bit 5 makes ASCII letters upper case.
            zip(word, expected).allSatisfy { $0 & 0xDF == $1 }
        }
    }
}
