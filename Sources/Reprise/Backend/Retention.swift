/// How long closed runs are kept. Open runs are never removed.
///
/// A run is removed as soon as one of the bounds says so, those that closed first before the others. Until then its result
/// and its history can be read; after that its workflow id is as if it had never been used.
///
/// ```swift
/// let month = Retention(age: .days(30), count: nil, bytes: 4 << 30)
/// ```
public struct Retention: Hashable, Sendable {
    /// A run is removed when it has been closed for so long; `nil` if never for that.
    public var age: Duration?
    /// The runs that closed first are removed while more than so many closed runs are kept; `nil` for any number.
    public var count: Int?
    /// The runs that closed first are removed while those that are kept have more than so many bytes; `nil` for any number.
    ///
    /// Counted are, of each run, the bytes of its history's entries, and ``bytesPerRun`` for everything else.
    public var bytes: Int?

    /// What a closed run counts beside its history: 1 KiB, about what the store needs for it.
    public static let bytesPerRun = 1024

    /// Makes a policy.
    ///
    /// - Parameters:
    ///   - age: default: a week.
    ///   - count: default: 100,000.
    ///   - bytes: default: 256 MiB, a quarter of a small Redis of 1 GiB. That many small runs are 100,000; runs with large
    ///     payloads are fewer.
    public init(age: Duration? = .seconds(7 * 24 * 3600), count: Int? = 100_000, bytes: Int? = 256 << 20) {
        self.age = age
        self.count = count
        self.bytes = bytes
    }

    /// Closed runs are never removed.
    public static let unlimited = Retention(age: nil, count: nil, bytes: nil)
}
