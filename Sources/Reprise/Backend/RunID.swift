/// Names one run of a workflow: the id that the user chose, and the run number that the backend gave it.
///
/// A closed workflow id can be started again; the new run has a higher number and a history of its own.
public struct RunID: Hashable, Sendable, CustomStringConvertible {
    /// The id chosen at start: 1 to 255 bytes of UTF-8.
    public var workflowID: String
    /// The run number, counted by the backend. Numbers of one workflow id rise, with gaps.
    public var number: Int

    /// Makes a run id.
    public init(workflowID: String, number: Int) {
        self.workflowID = workflowID
        self.number = number
    }

    /// `number:workflowID`, the form of list members and log lines.
    public var description: String { String(number) + ":" + workflowID }

    /// Run ids are equal if their bytes are: strings are, too, if they only look the same.
    public static func == (one: RunID, other: RunID) -> Bool {
        one.number == other.number && one.workflowID.isExactly(other.workflowID)
    }

    /// Hashes what is compared.
    public func hash(into hasher: inout Hasher) { hasher.combine(number) }

    /// Reads what ``description`` wrote.
    package init?(_ description: some StringProtocol) {
        // Not the character: an id may begin with a mark that combines with it.
        let bytes = description.utf8
        guard let colon = bytes.firstIndex(of: UInt8(ascii: ":")), colon != bytes.startIndex else { return nil }
        var number = 0
        for byte in bytes[..<colon] {
            let (tens, isTooLarge) = number.multipliedReportingOverflow(by: 10)
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte), !isTooLarge else { return nil }
            let (sum, overflows) = tens.addingReportingOverflow(Int(byte - UInt8(ascii: "0")))
            guard !overflows else { return nil }
            number = sum
        }
        self.init(workflowID: String(description[bytes.index(after: colon)...]), number: number)
    }
}
