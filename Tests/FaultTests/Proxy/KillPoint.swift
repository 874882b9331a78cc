import RedisClient
@testable import RepriseRedis

/// A moment in the life of one call that a worker makes to Redis.
struct KillPoint: Sendable, CustomStringConvertible {
    /// A kind of call.
    enum Call: String, CaseIterable, Sendable {
        case register, claim, stage, commit, apply, foresee, complete, heartbeat, releaseWorkflow, releaseActivity
        case renew, recover, unregister, waitForWork

        /// Whether a request, of which these are the first words, is such a call.
        func matches(_ words: [String]) -> Bool {
            guard let digest else { return words.first == "BLPOP" }
            guard words.count > 1, words[0] == "EVALSHA", words[1] == digest else { return false }
            // What comes first of what a worker hands in, see `Scripts/work.lua`.
            guard let item else { return true }
            return words.count > 14 && words[14] == item
        }

        private var item: String? {
            switch self {
            case .claim: ""
            case .commit: "commit"
            case .foresee: "foresee"
            case .complete: "complete"
            default: nil
            }
        }

        private var digest: String? {
            let scripts = Scripts.shared
            return switch self {
            case .register: scripts.register.sha1
            case .claim, .commit, .foresee, .complete: scripts.work.sha1
            case .stage: scripts.stage.sha1
            case .apply: scripts.apply.sha1
            case .heartbeat: scripts.heartbeat.sha1
            case .releaseWorkflow: scripts.releaseWorkflow.sha1
            case .releaseActivity: scripts.releaseActivity.sha1
            case .renew: scripts.renew.sha1
            case .recover: scripts.recover.sha1
            case .unregister: scripts.unregister.sha1
            case .waitForWork: nil
            }
        }
    }

    /// How far the call has got.
    enum Moment: String, CaseIterable, Sendable {
        /// The worker has sent it, and Redis hasn't got it.
        case unsent
        /// Redis has done it, and the worker hasn't got the reply.
        case unanswered
        /// The worker has the reply, and does nothing any more that Redis hears of.
        case answered
    }

    var call: Call
    var moment: Moment

    var description: String { "\(call.rawValue) \(moment.rawValue)" }

    static let all = Call.allCases.flatMap { call in Moment.allCases.map { KillPoint(call: call, moment: $0) } }
}
