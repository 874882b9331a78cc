import NIOCore

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// When the system asks whether the other end of an idle connection is still there: a machine or a network that is gone is noticed
/// within half a minute, and no command is sent for it. What is under way has deadlines of its own.
enum TCPKeepAlive {
    #if canImport(Darwin)
        private static let idle = NIOBSDSocket.Option(rawValue: TCP_KEEPALIVE)
    #else
        private static let idle = NIOBSDSocket.Option(rawValue: TCP_KEEPIDLE)
    #endif

    /// Seconds; the last one is how many questions are asked in vain.
    static let options: [(option: NIOBSDSocket.Option, value: Int)] = [
        (idle, 10),
        (NIOBSDSocket.Option(rawValue: TCP_KEEPINTVL), 5),
        (NIOBSDSocket.Option(rawValue: TCP_KEEPCNT), 3),
    ]
}
