import Foundation
import RedisClient

/// Where it was measured.
struct BenchSetting: Encodable, Sendable {
    /// Its name and version.
    var server: String
    /// `off`, `everysec`, `always` or `no`; `unknown` if its user may not read it.
    var durability: String
    var system: String
    var cores: Int
    /// The processor's name; empty where the system doesn't tell.
    var processor: String
    var compiler: String
    /// Times of a debug build say little.
    var isDebugBuild: Bool

    init(_ redis: RedisClient) async throws {
        let info = (try? await redis.send(["INFO", "server"]).asString).map(ServerReading.fields) ?? [:]
        let version = info["valkey_version"].map { "Valkey \($0)" } ?? info["redis_version"].map { "Redis \($0)" }
        server = version ?? "a Redis whose version may not be read"
        durability = (try? await Durability.current(of: redis)) ?? "unknown"
        system = ProcessInfo.processInfo.operatingSystemVersionString
        cores = ProcessInfo.processInfo.activeProcessorCount
        processor = BenchSetting.processorName
        #if compiler(>=6.4)
            compiler = "Swift 6.4 or later"
        #elseif compiler(>=6.3)
            compiler = "Swift 6.3"
        #else
            compiler = "Swift 6.2"
        #endif
        #if DEBUG
            isDebugBuild = true
        #else
            isDebugBuild = false
        #endif
    }

    private static var processorName: String {
        #if canImport(Darwin)
            var size = 0
            sysctlbyname("machdep.cpu.brand_string", nil, &size, nil, 0)
            var name = [UInt8](repeating: 0, count: size)
            sysctlbyname("machdep.cpu.brand_string", &name, &size, nil, 0)
            return String(decoding: name.prefix { $0 != 0 }, as: UTF8.self)
        #else
            let lines = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8))?.split(separator: "\n") ?? []
            let line = lines.first { $0.hasPrefix("model name") }
            return line?.split(separator: ":", maxSplits: 1).last.map { $0.trimmingCharacters(in: .whitespaces) } ?? ""
        #endif
    }
}
