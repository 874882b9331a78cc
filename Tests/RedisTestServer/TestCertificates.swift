import Foundation

/// An authority, and certificates by it for a server named `localhost` and for a client; and an authority that has issued
/// neither. Paths of PEM files, made with `openssl`.
public struct TestCertificates: Sendable {
    /// The authority's certificate.
    public let authority: String
    /// Another authority's certificate.
    public let otherAuthority: String
    /// The server's certificate, for `localhost` only: connecting to 127.0.0.1 needs that name to be given.
    public let serverCertificate: String
    /// The server's key.
    public let serverKey: String
    /// A client's certificate.
    public let clientCertificate: String
    /// The client's key.
    public let clientKey: String

    init(in folder: URL) async throws {
        func path(_ name: String) -> String { folder.appending(path: name).path }
        authority = path("authority.crt")
        otherAuthority = path("other.crt")
        serverCertificate = path("server.crt")
        serverKey = path("server.key")
        clientCertificate = path("client.crt")
        clientKey = path("client.key")

        for name in ["authority", "other"] {
            try await Self.openssl(
                "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
                "-subj", "/CN=test \(name)", "-keyout", path("\(name).key"), "-out", path("\(name).crt"))
        }
        for (name, extensions) in [
            ("server", "subjectAltName=DNS:localhost"), ("client", "extendedKeyUsage=clientAuth"),
        ] {
            try await Self.openssl(
                "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj", "/CN=\(name)",
                "-keyout", path("\(name).key"), "-out", path("\(name).csr"))
            try extensions.write(toFile: path("\(name).ext"), atomically: true, encoding: .utf8)
            try await Self.openssl(
                "x509", "-req", "-in", path("\(name).csr"), "-CA", authority, "-CAkey", path("authority.key"),
                "-CAcreateserial", "-days", "2", "-extfile", path("\(name).ext"), "-out", path("\(name).crt"))
        }
    }

    private static func openssl(_ arguments: String...) async throws {
        let status = try await ChildProcess("/usr/bin/env", ["openssl"] + arguments).exitStatus()
        guard status == 0 else { throw RedisTestServerError("openssl \(arguments[0]) failed with status \(status)") }
    }
}
