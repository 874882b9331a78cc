/// The suspects that one worker took: tasks that workers died with. See ``Backend/claim(_:)``.
struct Trials {
    /// A suspect that is held.
    struct Suspect {
        var nonce: String
        /// Until when the worker takes no other while it holds this.
        var until: Timestamp
        /// Whether the next death blocks it.
        var isFinal: Bool
    }

    /// When each trial ends, by nonce. A task may be over and still be here.
    var ends: [String: Timestamp] = [:]
    /// The one that the worker took last.
    var newest: Suspect?
    /// How long it was given, as one of those that waited then.
    var share: Duration?
    /// Whether the worker has died, and `ends` tells what its death is charged to.
    var isJudged = false
}
