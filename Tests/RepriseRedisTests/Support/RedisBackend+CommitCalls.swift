import Reprise

@testable import RepriseRedis

extension RedisBackend {
    /// The calls of a commit: those that stage its effects, the commit, and those that apply them.
    func commitCalls(_ commit: Commit) throws -> (calls: [ScriptRunner.Call], commit: Int) {
        let (staging, item) = try commitItem(commit)
        return (pagedCalls(commit, staging, item), staging.count)
    }
}
