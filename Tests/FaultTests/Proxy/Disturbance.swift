import NIOCore

/// What a proxy does to one connection.
struct Disturbance: Sendable {
    /// What happens to one direction, one after another; then everything passes.
    enum Step: Sendable {
        /// So many bytes pass.
        case pass(Int)
        /// So many bytes pass, one at a time.
        case trickle(Int)
        /// Nothing passes for so long.
        case pause(TimeAmount)
        /// The connection ends on both sides.
        case cut
        /// Nothing passes any more, and nobody is told.
        case swallow
    }

    var requests: [Step] = []
    var replies: [Step] = []

    static let none = Disturbance()
    /// Accepts, and never answers.
    static let deaf = Disturbance(requests: [.swallow], replies: [.swallow])
}
