/// Puts a reply together from the parts that hiredis' reader announces, outermost and first element first.
///
/// Lives behind the pointer that the reader's callbacks get, so that they touch no object and no reference count.
struct ReplyBuilder: ~Copyable {
    /// Deeper replies are refused. It is what hiredis 0.14 can parse; 1.x can parse any depth, but code that works with one
    /// version must work with the other.
    static let maximumDepth = 8

    private struct Frame {
        var missing: Int
        var elements: [RedisReply]
    }

    /// The arrays that are being read, outermost first: a fixed block, of which `depth` are in use.
    private let frames: UnsafeMutablePointer<Frame>
    private var depth = 0
    private var complete: RedisReply?

    /// Why the reader was told to stop, if it was.
    private(set) var refusal: String?

    init() {
        frames = .allocate(capacity: Self.maximumDepth)
    }

    deinit {
        frames.deinitialize(count: depth)
        frames.deallocate()
    }

    /// The reply that is complete, once.
    mutating func take() -> RedisReply? {
        complete.take()
    }

    mutating func add(_ reply: RedisReply) {
        var reply = reply
        while depth > 0 {
            let top = frames + (depth - 1)
            top.pointee.elements.append(reply)
            top.pointee.missing -= 1
            if top.pointee.missing > 0 { return }
            reply = .array(top.move().elements)
            depth -= 1
        }
        complete = reply
    }

    /// Returns false when the array would be too deep.
    mutating func beginArray(of count: Int) -> Bool {
        guard depth < Self.maximumDepth else {
            refuse("a reply nested deeper than \(Self.maximumDepth) arrays")
            return false
        }
        guard count > 0 else {
            add(.array([]))
            return true
        }
        var elements: [RedisReply] = []
        // The count is the other side's word: do not allocate for more than it has sent.
        elements.reserveCapacity(min(count, 1024))
        (frames + depth).initialize(to: Frame(missing: count, elements: elements))
        depth += 1
        return true
    }

    mutating func refuse(_ reason: String) {
        refusal = reason
    }
}
