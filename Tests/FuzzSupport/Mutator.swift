/// Makes broken input from valid input, the same from the same seed.
package struct Mutator {
    package let seed: UInt64
    private var state: UInt64

    package init(seed: UInt64) {
        self.seed = seed
        state = seed
    }

    /// Random bytes, often such that mean something to some parser.
    package mutating func garbage(upTo count: Int = 64) -> [UInt8] {
        (0..<below(count + 1)).map { _ in byte() }
    }

    package mutating func below(_ bound: Int) -> Int { Int.random(in: 0..<bound, using: &self) }

    package mutating func chance(_ odds: Int) -> Bool { below(odds) == 0 }

    package mutating func pick<Element>(_ elements: [Element]) -> Element { elements[below(elements.count)] }

    /// A number, often at an edge.
    package mutating func number() -> Int {
        pick([0, 1, -1, 2, 255, 256, below(100), Int.max, Int.min, 1 << 31, 1 << 40, 9_007_199_254_740_993])
    }

    /// Some bytes with a few changes: bits, bytes, digits; parts taken out, doubled, moved, put in; the end cut off.
    package mutating func mutated(_ bytes: [UInt8], changes: Int = 4) -> [UInt8] {
        var bytes = bytes
        for _ in 0...below(changes) {
            let position = below(bytes.count + 1)
            let end = min(position + below(16), bytes.count)
            switch below(9) {
            case 0 where position < bytes.count: bytes[position] ^= 1 << UInt8(below(8))
            case 1 where position < bytes.count: bytes[position] = byte()
            case 2: bytes.removeSubrange(position..<end)
            case 3: bytes.insert(contentsOf: bytes[position..<end], at: position)
            case 4: bytes.insert(contentsOf: garbage(upTo: 8), at: position)
            case 5: bytes.removeSubrange(position...)
            case 6: bytes.replaceSubrange(position..<end, with: Array(String(number()).utf8))
            case 7:
                if let digit = bytes[position...].firstIndex(where: { (0x30...0x39).contains($0) }) {
                    bytes[digit] = UInt8(0x30 + below(10))
                }
            default:
                let part = Array(bytes[position..<end])
                bytes.removeSubrange(position..<end)
                bytes.insert(contentsOf: part, at: below(bytes.count + 1))
            }
        }
        return bytes
    }

    /// One of the samples, mutated; now and then as it is, or nothing but garbage.
    package mutating func input(from samples: [[UInt8]]) -> [UInt8] {
        switch below(16) {
        case 0: garbage()
        case 1: pick(samples)
        default: mutated(pick(samples))
        }
    }

    /// Cuts bytes into pieces.
    package mutating func pieces(of bytes: [UInt8]) -> [[UInt8]] {
        var pieces: [[UInt8]] = []
        var rest = bytes[...]
        while !rest.isEmpty {
            let piece = rest.prefix(1 + below(chance(3) ? 4 : 64))
            pieces.append(Array(piece))
            rest = rest[piece.endIndex...]
        }
        return pieces
    }

    private mutating func byte() -> UInt8 {
        chance(2) ? UInt8(below(256)) : pick(Array(" :0123456789-+*$\r\n\0{}[]\",/%@#?\u{1b}".utf8))
    }
}

/// SplitMix64 (Steele, Lea and Flood, 2014).
extension Mutator: RandomNumberGenerator {
    package mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}
