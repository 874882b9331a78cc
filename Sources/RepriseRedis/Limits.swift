/// The bounds of single calls: Redis runs one script at a time.
enum Limits {
    /// How many messages a claim delivers, and how many timers and leases it moves.
    static let duePerClaim = 64
    /// How many closed runs, and how many bytes of them, a claim removes. It takes 0.3 ms.
    static let sweep = "64 \(8 << 20)"
    /// How many entries a workflow task, a refusal or a page of a history brings along.
    static let entriesPerPage = 256
    /// How many bytes of history a workflow task, a refusal or a page brings along; one larger entry comes alone.
    static let bytesPerPage = 1 << 20
    /// After how many bytes a claim takes no more tasks. Each counts as 8 kB more than it has, and each entry of its history
    /// as one more.
    static let bytesPerClaim = 1 << 20
    /// How many claims a worker renews by one script.
    static let renewalsPerPage = 512
    /// How many effects a commit applies itself. The effects of a larger turn are staged.
    static let effectsPerCommit = 512
    /// How many items a call has of those that are sent together.
    static let itemsPerCall = 32
    /// How many such calls of a line are under way at the same time: Redis works on one while the answer to the other is.
    static let callsUnderWay = 2
    /// How many items must wait for a call while another one is under way. Fewer cost less if they wait for its end.
    static let itemsBesideCall = 8
    /// After how many arguments it takes no more of them; one larger item goes alone.
    static let wordsPerCall = 2048
    /// How many staged effects a script applies.
    static let effectsPerPage = 256
    /// From how many bytes of inputs on a commit or a page takes no more effects.
    static let effectBytes = 256 << 10
    /// How many runs a page of a list holds.
    static let runsPerPage = 256
    /// How long a wait for work lasts.
    static let wait = Duration.seconds(5)
    /// How much longer it lasts at most, so that idle workers don't all claim at the same moment. Both together are less than
    /// a third of a registration's default lease: so often a worker must be heard of.
    static let waitJitter = Duration.seconds(1)
    /// How long a `BLPOP` lasts, beside many waits, unless a token comes.
    static let block = Duration.seconds(90)
    /// How often an idempotent call is sent again after its connection was lost.
    static let repeats = 2
}
