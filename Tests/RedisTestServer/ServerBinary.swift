import Foundation

/// Finds a `redis-server`.
enum ServerBinary {
    /// Returns its path; if need be, that of a link to `redis-check-rdb`, made in `folder`.
    static func path(linkingIn folder: URL) throws -> String {
        let environment = ProcessInfo.processInfo.environment
        if let path = environment["REPRISE_REDIS_SERVER"], !path.isEmpty { return path }
        let folders = (environment["PATH"] ?? "/usr/bin:/usr/local/bin").split(separator: ":")
        func find(_ name: String) -> String? {
            folders.lazy.map { "\($0)/\(name)" }.first(where: FileManager.default.isExecutableFile(atPath:))
        }
        if let path = find("redis-server") { return path }
        guard let checker = find("redis-check-rdb") else {
            throw RedisTestServerError(
                "no redis-server: install redis-tools (Debian, Ubuntu) or redis (Homebrew), or set REPRISE_REDIS_SERVER"
            )
        }
        let link = folder.appending(path: "redis-server")
        try FileManager.default.createSymbolicLink(at: link, withDestinationURL: URL(filePath: checker))
        return link.path
    }
}
