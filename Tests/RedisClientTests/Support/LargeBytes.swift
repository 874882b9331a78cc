/// Many bytes that are not all the same, made fast in unoptimized builds too.
func largeBytes(_ count: Int) -> [UInt8] {
    let piece = (0..<65_536).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) }
    return [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
        for start in stride(from: 0, to: count, by: piece.count) {
            let rest = UnsafeMutableBufferPointer(rebasing: buffer[start..<min(start + piece.count, count)])
            _ = rest.initialize(from: piece)
        }
        initialized = count
    }
}
