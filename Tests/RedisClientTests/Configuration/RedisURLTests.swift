import Testing

@testable import RedisClient

@Suite("URLs") struct RedisURLTests {
    @Test(arguments: [
        ("redis://localhost", RedisEndpoint.tcp(host: "localhost", port: 6379), nil as RedisCredentials?, 0),
        ("REDIS://h:1/15", .tcp(host: "h", port: 1), nil, 15),
        ("redis://h/?db=3", .tcp(host: "h", port: 6379), nil, 3),
        ("redis://user:pass@h:7", .tcp(host: "h", port: 7), RedisCredentials(username: "user", password: "pass"), 0),
        ("redis://:p%40ss%2F%3A@h", .tcp(host: "h", port: 6379), RedisCredentials(password: "p@ss/:"), 0),
        ("redis://:p@ss:word@h", .tcp(host: "h", port: 6379), RedisCredentials(password: "p@ss:word"), 0),
        ("redis://[::1]:6380/2", .tcp(host: "::1", port: 6380), nil, 2),
        ("redis://u%C3%A9:@h", .tcp(host: "h", port: 6379), RedisCredentials(username: "ué", password: ""), 0),
        ("unix:///var/run/redis.sock", .unixSocket(path: "/var/run/redis.sock"), nil, 0),
        (
            "redis+unix://:pw@/tmp/a%20b.sock?db=4", .unixSocket(path: "/tmp/a b.sock"),
            RedisCredentials(password: "pw"),
            4
        ),
    ])
    func `A URL gives its parts`(
        text: String, endpoint: RedisEndpoint, credentials: RedisCredentials?, database: Int
    ) throws {
        let url = try RedisURL(text)
        #expect(url.endpoint == endpoint)
        #expect(url.credentials == credentials)
        #expect(url.database == database)
        #expect(!url.usesTLS)
    }

    @Test(arguments: [
        ("localhost:6379", "scheme"), ("http://h", "scheme"), ("redis://", "host"), ("redis://:6379", "host"),
        ("redis://h:0", "port"), ("redis://h:65536", "port"), ("redis://h:x", "port"), ("redis://h:-1", "port"),
        ("redis://h:", "port"), ("redis://h/x", "database"), ("redis://h/-1", "database"), ("redis://::1", "brackets"),
        ("redis://[::1", "bracket"), ("redis://[::1]x", "bracket"), ("redis://user@h", "password"),
        ("redis://:a%g0@h", "the password"), ("redis://:a%+f@h", "the password"), ("redis://:%ff@h", "UTF-8"),
        ("unix://host/path", "third slash"), ("unix://", "path"), ("redis://h?timeout=1", "db=number"),
    ])
    func `The error names the part that is wrong`(text: String, part: String) {
        let error = #expect(throws: RedisError.self) { try RedisURL(text) }
        #expect(error?.code == .invalidURL)
        #expect(error?.category == .configuration)
        #expect(error?.message.contains(part) == true, "\(error?.message ?? "")")
    }

    @Test(arguments: [
        "redis://user:hunter2/x@h", "redis://user:#hunter2@h", "redis://:hunter2?@h:6379", "redis://user:%hunter2@h",
        "redis://hunter2@h", "hunter2://x", "hunter2", "redis://:hunter2@h:x", "redis://h/hunter2",
    ])
    func `No error shows a password`(text: String) {
        let error = #expect(throws: RedisError.self) { try RedisURL(text) }
        #expect(error.map { "\($0)".contains("hunter2") } == false)
    }

    @Test func `A password with a slash gets a hint`() {
        let error = #expect(throws: RedisError.self) { try RedisURL("redis://user:pa/ss@host") }
        #expect(error?.message.contains("%2F") == true)
    }

    @Test func `Credentials show no password, however they are printed`() {
        let credentials = RedisCredentials(username: "user", password: "hunter2")
        var dumped = ""
        dump(credentials, to: &dumped)
        #expect(!"\(credentials) \(String(reflecting: credentials)) \(dumped)".contains("hunter2"))
        var configuration = RedisConfiguration()
        configuration.credentials = credentials
        #expect(!"\(configuration)".contains("hunter2"))
    }

    #if TLS
        @Test func `The scheme rediss turns TLS on`() throws {
            #expect(try RedisURL("rediss://h").usesTLS)
            #expect(try RedisConfiguration(url: "rediss://h").tls == RedisTLS())
        }
    #else
        @Test func `Without TLS in the build, rediss is an error that names the trait`() {
            let error = #expect(throws: RedisError.self) { try RedisURL("rediss://h") }
            #expect(error?.code == .tlsUnavailable)
            #expect(error?.message.contains("trait TLS") == true)
        }
    #endif
}
