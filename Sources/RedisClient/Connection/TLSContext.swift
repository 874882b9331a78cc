import NIOCore

#if TLS
    import NIOSSL
#endif

/// What TLS connections are made from; in builds without TLS, nothing can make one.
struct TLSContext: Sendable {
    #if TLS
        private let context: NIOSSLContext

        /// Reads the files. Blocks.
        init(_ settings: RedisTLS) throws(RedisError) {
            do {
                var configuration = TLSConfiguration.makeClientConfiguration()
                if let file = settings.certificateAuthorityFile { configuration.trustRoots = .file(file) }
                if let file = settings.certificateFile {
                    configuration.certificateChain = try NIOSSLCertificate.fromPEMFile(file).map { .certificate($0) }
                }
                if let file = settings.privateKeyFile {
                    configuration.privateKey = .privateKey(try NIOSSLPrivateKey(file: file, format: .pem))
                }
                configuration.certificateVerification =
                    switch settings.verification {
                    case .full: .fullVerification
                    case .withoutHostname: .noHostnameVerification
                    case .none: .none
                    }
                context = try NIOSSLContext(configuration: configuration)
            } catch {
                throw RedisError(.invalidConfiguration, "the TLS settings cannot be used: \(settings): \(error)")
            }
        }

        func addHandler(to pipeline: ChannelPipeline.SynchronousOperations, serverName: String?) throws {
            try pipeline.addHandler(NIOSSLClientHandler(context: context, serverHostname: serverName))
        }

        /// The error for what went wrong in a handshake; `nil` when the connection merely ended, which may be tried again.
        static func failure(_ error: any Error, endpoint: RedisEndpoint) -> RedisError? {
            switch error {
            case NIOSSLError.uncleanShutdown, NIOSSLError.handshakeFailed(.zeroReturn),
                NIOSSLError.handshakeFailed(.syscallError):
                return nil
            case NIOSSLError.handshakeFailed(let cause) where cause == .sslError([.eofDuringHandshake]):
                return nil
            case is NIOSSLError, is BoringSSLError, is NIOSSLExtraError:
                return RedisError(.tlsFailed, "no TLS connection to \(endpoint): \(error)")
            default:
                return nil
            }
        }
    #else
        init(_ settings: RedisTLS) throws(RedisError) {
            throw .tlsUnavailable
        }

        func addHandler(to pipeline: ChannelPipeline.SynchronousOperations, serverName: String?) throws {}

        static func failure(_ error: any Error, endpoint: RedisEndpoint) -> RedisError? { nil }
    #endif
}
