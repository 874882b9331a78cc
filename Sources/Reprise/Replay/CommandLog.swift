/// The commands of a run in their order: those that the history has, which replay matches, and those that are new.
struct CommandLog {
    /// The commands of the turn being replayed, and how many of them the code has issued.
    private var expected: [Command] = []
    private var matched = 0
    /// How many commands are recorded by turns.
    private(set) var committed = 0
    /// Decided since the last recorded turn.
    private(set) var decided: [Command] = []
    private(set) var mode = Mode.recording
    /// The last version that the history has and the code didn't ask for.
    private var unasked: Command?

    enum Mode { case recording, replaying }

    /// The position that the next command gets.
    var nextPosition: Int { committed + (mode == .replaying ? matched : decided.count) }

    /// The position that the next command gets if it isn't a version: replay goes past those that the code doesn't ask
    /// for any more.
    var positionAfterVersions: Int {
        nextPosition + expected.dropFirst(matched).prefix { $0.kind == .version }.count
    }

    /// From here on, commands must be those of a recorded turn. An empty list says that none was decided.
    mutating func beginReplay(of commands: [Command]) {
        expected = commands
        matched = 0
        mode = .replaying
    }

    /// Ends what ``beginReplay(of:)`` began.
    ///
    /// - Throws: a divergence if a recorded command was not issued.
    mutating func endReplay() throws(Divergence) {
        mode = .recording
        skipVersions(until: nil)
        guard matched == expected.count else {
            throw Divergence(position: committed + matched, expected: expected[matched], actual: nil, unasked: unasked)
        }
        committed += expected.count
        expected = []
        matched = 0
    }

    /// Takes a command that the code issues.
    ///
    /// - Parameter isSameInput: asked with the recorded payload when the fingerprints differ.
    /// - Returns: its position in the run's command sequence.
    mutating func issue(
        _ command: Command, isSameInput: ([UInt8]) -> Bool = { _ in true }
    ) throws(Divergence) -> Int {
        switch mode {
        case .recording:
            decided.append(command)
            return nextPosition - 1
        case .replaying:
            return try match(command, isSameInput: isSameInput).position
        }
    }

    /// While replaying, the recorded command in the place of one that the code issues.
    mutating func match(_ command: Command) throws(Divergence) -> Command {
        try match(command, isSameInput: { _ in true }).recorded
    }

    /// The version that the history has recorded here under an id; `nil` if it has none at this place.
    mutating func takeVersion(_ id: String) -> Int? {
        guard
            let found = expected[matched...].prefix(while: { $0.kind == .version }).first(where: {
                $0.name.isExactly(id)
            })
        else { return nil }
        skipVersions(until: id)
        matched += 1
        return found.argument.map(Int.init)
    }

    private mutating func match(
        _ command: Command, isSameInput: ([UInt8]) -> Bool
    ) throws(Divergence) -> (position: Int, recorded: Command) {
        skipVersions(until: nil)
        let position = nextPosition
        guard matched < expected.count else {
            throw Divergence(position: position, expected: nil, actual: command, unasked: unasked)
        }
        let recorded = expected[matched]
        guard recorded.matches(command, isSameInput: isSameInput) else {
            throw Divergence(position: position, expected: recorded, actual: command, unasked: unasked)
        }
        matched += 1
        return (position, recorded)
    }

    /// A recorded version that the code doesn't ask for any more is no divergence: its `if` was removed when no run
    /// needed the old way.
    private mutating func skipVersions(until id: String?) {
        while matched < expected.count, expected[matched].kind == .version,
            id.map(expected[matched].name.isExactly) != true
        {
            unasked = expected[matched]
            matched += 1
        }
    }

    /// The decided commands are recorded now.
    mutating func didCommit() {
        committed += decided.count
        decided = []
    }
}

extension Command {
    fileprivate func matches(_ issued: Command, isSameInput: ([UInt8]) -> Bool) -> Bool {
        guard kind == issued.kind, name.isExactly(issued.name), argument == issued.argument else { return false }
        // The results of `run` are not compared: an output's bytes may differ where its meaning doesn't.
        guard kind == .scheduleActivity || kind == .startChild || kind == .localActivity, let fingerprint,
            let other = issued.fingerprint
        else { return true }
        return fingerprint == other || isSameInput(payload)
    }
}
