import NIOCore

/// One direction of a connection through a proxy: what comes in on one channel goes out on the other, as the steps say, or
/// message by message past a gate. Everything happens on the event loop of both channels.
final class ProxyStream: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    /// What becomes of a message.
    enum Verdict {
        case pass
        /// It passes, and the next ones wait.
        case passLast
        /// It waits, and so do the next ones.
        case hold
    }

    /// Looks at each whole message, if there is one.
    var gate: ((ByteBuffer) -> Verdict)?
    /// Where the bytes go.
    var destination: (any Channel)? { didSet { pump() } }
    private let eventLoop: any EventLoop
    private let cut: () -> Void
    private var steps: ArraySlice<Disturbance.Step>
    private var buffer = ByteBuffer()
    private var isHeld = false
    private var hasEnded = false

    init(_ steps: [Disturbance.Step], eventLoop: any EventLoop, cut: @escaping () -> Void) {
        self.steps = steps[...]
        self.eventLoop = eventLoop
        self.cut = cut
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var bytes = unwrapInboundIn(data)
        buffer.writeBuffer(&bytes)
        pump()
    }

    /// What was on its way still arrives.
    func channelInactive(context: ChannelHandlerContext) {
        hasEnded = true
        pump()
    }

    /// Lets go what waits, and what comes.
    func release() {
        isHeld = false
        gate = nil
        pump()
    }

    private func pump() {
        guard destination != nil else { return }
        while !isHeld, gate == nil ? step() : message() {}
        destination?.flush()
        if hasEnded, !isHeld { cut() }
    }

    /// Does a part of the first step; `false` if nothing can be done now.
    private func step() -> Bool {
        switch steps.first {
        case nil:
            return write(buffer.readableBytes)
        case .pass(let count):
            let passing = min(count, buffer.readableBytes)
            steps[steps.startIndex] = .pass(count - passing)
            if count == passing { steps.removeFirst() }
            return write(passing) || count == passing
        case .trickle(0):
            steps.removeFirst()
        case .trickle(let count):
            guard write(1) else { return false }
            steps[steps.startIndex] = .trickle(count - 1)
            hold(for: .microseconds(100))
        case .pause(let duration):
            steps.removeFirst()
            hold(for: duration)
        case .cut:
            destination?.flush()
            cut()
            return false
        case .swallow:
            buffer.clear()
            return false
        }
        return true
    }

    private func message() -> Bool {
        guard let length = MessageFramer.length(in: buffer), let gate,
            let message = buffer.getSlice(at: buffer.readerIndex, length: length)
        else { return false }
        let verdict = gate(message)
        isHeld = verdict != .pass
        return verdict == .hold ? false : write(length)
    }

    private func write(_ count: Int) -> Bool {
        guard count > 0, let bytes = buffer.readSlice(length: count) else { return false }
        destination?.write(bytes, promise: nil)
        if buffer.readableBytes == 0 { buffer.clear() }
        return true
    }

    private func hold(for duration: TimeAmount) {
        isHeld = true
        eventLoop.assumeIsolated().scheduleTask(in: duration) { [weak self] () -> Void in
            self?.isHeld = false
            self?.pump()
        }
    }
}
