// swift-tools-version: 6.2
import PackageDescription

/// Warnings are errors in continuous integration only: a newer compiler's new warning must not stop a user's build.
let isCI = Context.environment["CI"] != nil

let swiftSettings: [SwiftSetting] =
    [
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("MemberImportVisibility"),
        .enableUpcomingFeature("InternalImportsByDefault"),
        .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    ] + (isCI ? [.treatAllWarnings(as: .error)] : [])

// On Linux the headers are on the default path, and hiredis.pc carries a flag that SwiftPM warns about.
#if os(macOS)
    let hiredisPkgConfig: String? = "hiredis"
#else
    let hiredisPkgConfig: String? = nil
#endif

/// An example of one process, run by `swift run <name>`. Examples see what a user of the library sees.
func example(_ name: String, in folder: String) -> Target {
    .executableTarget(
        name: name,
        dependencies: ["Reprise", .product(name: "Logging", package: "swift-log")],
        path: "Examples/\(folder)",
        packageAccess: false,
        swiftSettings: swiftSettings
    )
}

let package = Package(
    name: "reprise",
    platforms: [.macOS(.v15)],
    products: [
        .library(name: "Reprise", targets: ["Reprise"]),
        .library(name: "RepriseRedis", targets: ["RepriseRedis"]),
        .library(name: "RepriseEncryption", targets: ["RepriseEncryption"]),
        .library(name: "RedisClient", targets: ["RedisClient"]),
        .library(name: "RepriseTesting", targets: ["RepriseTesting"]),
        .library(name: "RepriseCommands", targets: ["RepriseCommands"]),
        .executable(name: "reprise", targets: ["RepriseCLI"]),
    ],
    traits: [
        .trait(name: "TLS", description: "TLS connections (rediss://), through swift-nio-ssl."),
        .default(enabledTraits: ["TLS"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.1.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.97.0"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.36.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.6.0"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.5.0"),
        .package(url: "https://github.com/apple/swift-crypto", "3.12.3"..<"5.0.0"),
        .package(url: "https://github.com/HdrHistogram/hdrhistogram-swift", from: "0.2.0"),
    ],
    targets: [
        .target(name: "CThreadIdentity"),
        .target(
            name: "Reprise",
            dependencies: [
                "CThreadIdentity",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "DequeModule", package: "swift-collections"),
                .product(name: "HeapModule", package: "swift-collections"),
                .product(name: "OrderedCollections", package: "swift-collections"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            swiftSettings: swiftSettings
        ),
        .systemLibrary(
            name: "CHiredis",
            pkgConfig: hiredisPkgConfig,
            providers: [.apt(["libhiredis-dev"]), .brew(["hiredis"])]
        ),
        .target(name: "CHiredisShim", dependencies: ["CHiredis"], linkerSettings: [.linkedLibrary("hiredis")]),
        .target(
            name: "RedisClient",
            dependencies: [
                "CHiredisShim",
                .product(name: "DequeModule", package: "swift-collections"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOConcurrencyHelpers", package: "swift-nio"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl", condition: .when(traits: ["TLS"])),
            ],
            swiftSettings: swiftSettings
        ),
        .target(
            name: "RepriseRedis",
            dependencies: [
                "Reprise",
                "RedisClient",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
            ],
            resources: [.embedInCode("Scripts")],
            swiftSettings: swiftSettings
        ),
        .target(
            name: "RepriseEncryption",
            dependencies: ["Reprise", .product(name: "Crypto", package: "swift-crypto")],
            swiftSettings: swiftSettings
        ),
        .target(
            name: "RedisTestServer",
            dependencies: [.product(name: "NIOConcurrencyHelpers", package: "swift-nio")],
            path: "Tests/RedisTestServer",
            swiftSettings: swiftSettings
        ),
        .target(
            name: "RepriseTesting",
            dependencies: ["Reprise", .product(name: "Logging", package: "swift-log")],
            swiftSettings: swiftSettings
        ),
        .target(
            name: "RepriseCommands",
            dependencies: [
                "RedisClient",
                "Reprise",
                "RepriseRedis",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Histogram", package: "hdrhistogram-swift"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ],
            swiftSettings: swiftSettings
        ),
        .executableTarget(
            name: "RepriseCLI",
            dependencies: [
                "CSanitizers", "RepriseCommands",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: swiftSettings
        ),
        .executableTarget(
            name: "subscription",
            dependencies: [
                "RedisClient",
                "Reprise",
                "RepriseRedis",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ],
            path: "Examples/Subscription",
            packageAccess: false,
            swiftSettings: swiftSettings
        ),
        example("sum-of-two-randoms", in: "SumOfTwoRandoms"),
        example("fan-out-sum", in: "FanOutSum"),
        example("bank-transfer", in: "BankTransfer"),
        example("handle-event", in: "HandleEvent"),
        example("await-event", in: "AwaitEvent"),
        .target(name: "FuzzSupport", path: "Tests/FuzzSupport", swiftSettings: swiftSettings),
        // Says whether there is one, and makes the thread sanitizer see: in each program with threads that the tests start.
        .target(name: "CSanitizers", path: "Tests/Sanitizers"),
        .testTarget(
            name: "RedisClientTests",
            dependencies: [
                "FuzzSupport",
                "RedisClient",
                "RedisTestServer",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ],
            swiftSettings: swiftSettings
        ),
        .target(
            name: "ReplaySupport",
            dependencies: ["Reprise", .product(name: "Logging", package: "swift-log")],
            path: "Tests/ReplaySupport",
            swiftSettings: swiftSettings
        ),
        .executableTarget(
            name: "replay-digest", dependencies: ["ReplaySupport"], path: "Tests/ReplayDigest",
            swiftSettings: swiftSettings),
        .executableTarget(
            name: "engine-bench", dependencies: ["ReplaySupport", "Reprise"], path: "Tests/EngineBench",
            swiftSettings: swiftSettings),
        .testTarget(
            name: "RepriseTests",
            dependencies: [
                "CSanitizers", "FuzzSupport", "ReplaySupport", "Reprise", "RepriseTesting", "replay-digest",
            ],
            swiftSettings: swiftSettings),
        .testTarget(
            name: "RepriseRedisTests",
            dependencies: [
                "CSanitizers",
                "FuzzSupport",
                "Reprise",
                "RepriseRedis",
                "RedisClient",
                "RedisTestServer",
                "RepriseTesting",
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: swiftSettings
        ),
        .executableTarget(
            name: "script-bench",
            dependencies: [
                "RedisClient",
                "RedisTestServer",
                "Reprise",
                "RepriseRedis",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
            ],
            path: "Tests/ScriptBench",
            swiftSettings: swiftSettings
        ),
        .testTarget(
            name: "IntegrationTests",
            dependencies: [
                "CSanitizers",
                "RedisClient",
                "RedisTestServer",
                "Reprise",
                "RepriseRedis",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            swiftSettings: swiftSettings
        ),
        .executableTarget(
            name: "FaultWorker",
            dependencies: [
                "CSanitizers",
                "RedisClient",
                "Reprise",
                "RepriseRedis",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOConcurrencyHelpers", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ],
            path: "Tests/FaultWorker",
            swiftSettings: swiftSettings
        ),
        .testTarget(
            name: "FaultTests",
            dependencies: [
                "CSanitizers",
                "FaultWorker",
                "RedisClient",
                "RedisTestServer",
                "Reprise",
                "RepriseRedis",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOConcurrencyHelpers", package: "swift-nio"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ],
            swiftSettings: swiftSettings
        ),
        .executableTarget(
            name: "simulation",
            dependencies: ["Reprise", .product(name: "Logging", package: "swift-log")],
            path: "Tests/Simulation",
            swiftSettings: swiftSettings
        ),
        .testTarget(
            name: "SimulationTests", dependencies: ["RedisTestServer", "simulation"], swiftSettings: swiftSettings),
        .testTarget(
            name: "RepriseTestingTests",
            dependencies: ["Reprise", "RepriseTesting", .product(name: "Logging", package: "swift-log")],
            swiftSettings: swiftSettings
        ),
        .testTarget(
            name: "RepriseEncryptionTests",
            dependencies: [
                "RedisClient",
                "RedisTestServer",
                "ReplaySupport",
                "Reprise",
                "RepriseEncryption",
                "RepriseRedis",
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: swiftSettings
        ),
        .testTarget(
            name: "RepriseCommandsTests",
            dependencies: [
                "RedisClient",
                "RedisTestServer",
                "Reprise",
                "RepriseCLI",
                "RepriseCommands",
                "RepriseRedis",
            ],
            swiftSettings: swiftSettings
        ),
        .testTarget(
            name: "DocumentationTests",
            dependencies: [
                "Reprise",
                "RepriseEncryption",
                "RepriseRedis",
                "RepriseTesting",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ],
            swiftSettings: swiftSettings
        ),
        .testTarget(
            name: "ExampleTests",
            dependencies: [
                "CSanitizers",
                "Reprise",
                "RepriseTesting",
                "subscription",
                "sum-of-two-randoms",
                "fan-out-sum",
                "bank-transfer",
                "handle-event",
                "await-event",
            ],
            swiftSettings: swiftSettings
        ),
    ]
)
