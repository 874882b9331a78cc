/// The bounds of a single call.
enum Limits {
    /// How many entries a workflow task or a refusal brings along.
    static let pageEntries = 256
    /// How many bytes of payload a page of history holds; a larger entry comes alone.
    static let pageBytes = 1 << 20
    /// A claim stops after so many bytes.
    static let claimBytes = 4 << 20
    /// How many messages a claim delivers.
    static let messagesPerClaim = 64
    /// How many due items a claim records.
    static let duePerClaim = 256
    /// How many closed runs a claim removes.
    static let removalsPerClaim = 64
    /// How long a worker holds a suspect at least before it takes the next one.
    static let shortestShare = Duration.milliseconds(20)
    /// How many runs a page of a list holds.
    static let runsPerPage = 256
    /// How long a wait for work lasts at most.
    static let wait = Duration.seconds(5)
    /// How many of the builds that a run was blocked by are remembered.
    static let triedBuilds = 16
}
