/// How a TLS connection is made. The files are in PEM format.
public struct RedisTLS: Sendable, Hashable {
    /// What of the server's certificate is checked.
    public enum Verification: Sendable, Hashable {
        /// That it was issued by a trusted authority and carries the server's name. The default.
        case full
        /// That it was issued by a trusted authority, whatever name it carries.
        case withoutHostname
        /// Nothing: anybody in between can read and change everything.
        case none
    }

    /// The authorities to trust; `nil` trusts those of the system.
    public var certificateAuthorityFile: String?
    /// The client's certificate, with its chain, for servers that ask for one (`tls-auth-clients yes`, which is Redis'
    /// default); needs ``privateKeyFile``.
    public var certificateFile: String?
    /// The private key of ``certificateFile``, not encrypted.
    public var privateKeyFile: String?
    /// The name that the server's certificate must carry, also sent as SNI; `nil` takes the host of the endpoint. A
    /// certificate for the very address that was connected to is accepted too.
    public var serverName: String?
    /// What of the server's certificate is checked. Default: everything.
    public var verification: Verification

    /// TLS settings; without arguments, those that suit a server with a publicly trusted certificate.
    public init(
        certificateAuthorityFile: String? = nil,
        certificateFile: String? = nil,
        privateKeyFile: String? = nil,
        serverName: String? = nil,
        verification: Verification = .full
    ) {
        self.certificateAuthorityFile = certificateAuthorityFile
        self.certificateFile = certificateFile
        self.privateKeyFile = privateKeyFile
        self.serverName = serverName
        self.verification = verification
    }
}
