/// The suspects that one worker took: tasks that workers died with. See ``Backend/claim(_:)``.
struct Trials {
    /// When each trial ends, by nonce. A task may be over and still be here.
    var ends: [String: Timestamp] = [:]
    /// The nonce of the suspect that the worker took last, and until when it takes no other while it holds that.
    var newest: (nonce: String, until: Timestamp)?
    /// How long it was given, as one of those that waited then.
    var share: Duration?
    /// The nonce of the last one that the worker took of those that the next death blocks.
    var final: String?
    /// Whether the worker has died, and `ends` tells what its death is charged to.
    var isJudged = false
}
