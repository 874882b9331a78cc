import ReplaySupport
import Reprise

/// Something small that the engine does all the time.
enum EngineWork: String, CaseIterable {
    case job, suspension, replay, encoding, decoding
    case payloadEncoding = "payload-encoding"
    case payloadDecoding = "payload-decoding"

    var summary: String {
        switch self {
        case .job: "a task gives way and goes on (`Task.yield`): one job of the executor"
        case .suspension: "a task suspends on a condition and is resumed (`context.wait`)"
        case .replay: "an entry is replayed, of 500 sequential activities with JSON payloads"
        case .encoding: "a turn of one activity is encoded"
        case .decoding: "a turn of one activity is decoded"
        case .payloadEncoding: "a struct of two fields is encoded as JSON"
        case .payloadDecoding: "a struct of two fields is decoded from JSON"
        }
    }

    /// Makes what it needs.
    ///
    /// - Returns: a function that does it a number of times, or in rounds of many, and tells how many units that were.
    func prepared() throws -> (Int) throws -> Int {
        switch self {
        case .job:
            return { count in
                _ = try ScriptedRun(GivingWay.self, count * 1000)
                return count * 1000
            }
        case .suspension:
            return { count in
                _ = try ScriptedRun(PingPong.self, count * 500)
                return count * 1000
            }
        case .replay:
            let run = try Deliveries.finished(500)
            return { count in
                for _ in 0..<count { run.restart() }
                guard run.engine.failure == nil else { throw Failure(message: "the replay failed") }
                return count * run.history.count
            }
        case .encoding:
            let turn = try Deliveries.turn()
            return { count in
                var bytes = 0
                for _ in 0..<count * 100 { bytes &+= turn.encoded().bytes.count }
                return bytes > 0 ? count * 100 : 0
            }
        case .decoding:
            let bytes = try Deliveries.turn().encoded().bytes
            return { count in
                var commands = 0
                for _ in 0..<count * 100 { commands += try Turn(decoding: bytes).commands.count }
                return commands
            }
        case .payloadEncoding:
            let converter = JSONDataConverter()
            return { count in
                var bytes = 0
                for index in 0..<count * 100 {
                    bytes += try converter.encode(Parcel(id: "parcel", weight: index)).count
                }
                return bytes > 0 ? count * 100 : 0
            }
        case .payloadDecoding:
            let converter = JSONDataConverter()
            let bytes = try converter.encode(Parcel(id: "parcel", weight: 100))
            return { count in
                var weight = 0
                for _ in 0..<count * 100 { weight += try converter.decode(Parcel.self, from: bytes).weight }
                return weight / 100
            }
        }
    }

    struct Failure: Error {
        let message: String
    }
}
