import NIOCore

/// One command, or one pipeline, on its way: the bytes to write and the caller that waits.
struct CommandRequest {
    /// How the caller is resumed.
    enum Completion {
        case one(UnsafeContinuation<Result<RedisReply, RedisError>, Never>)
        case all(UnsafeContinuation<Result<[RedisReply], RedisError>, Never>)
        /// It is called instead, on the event loop.
        case called(@Sendable (Result<RedisReply, RedisError>) -> Void)
    }

    let id: UInt64
    let wire: [UInt8]
    let replyCount: Int
    let timeout: TimeAmount
    /// Whether one failed attempt to connect is enough to fail this request.
    let failsFast: Bool
    let completion: Completion
    var deadline = NIODeadline.distantFuture

    func succeed(_ reply: RedisReply) {
        switch completion {
        case .one(let continuation): continuation.resume(returning: .success(reply))
        case .all(let continuation): continuation.resume(returning: .success([reply]))
        case .called(let call): call(.success(reply))
        }
    }

    func succeed(_ replies: [RedisReply]) {
        guard case .all(let continuation) = completion else {
            preconditionFailure("several replies to one command")
        }
        continuation.resume(returning: .success(replies))
    }

    func fail(_ error: RedisError) {
        switch completion {
        case .one(let continuation): continuation.resume(returning: .failure(error))
        case .all(let continuation): continuation.resume(returning: .failure(error))
        case .called(let call): call(.failure(error))
        }
    }
}

extension TimeAmount {
    /// A duration as NIO counts it; what does not fit becomes about a century.
    init(clamping duration: Duration) {
        let century = Duration.seconds(100 * 365 * 24 * 3600)
        let (seconds, attoseconds) = min(max(duration, .zero), century).components
        self = .nanoseconds(seconds * 1_000_000_000 + attoseconds / 1_000_000_000)
    }
}
