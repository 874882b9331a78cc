import Foundation
import Reprise

/// Where a command says what is wrong.
enum StandardError {
    static func tell(_ message: String) {
        FileHandle.standardError.write(Data("reprise: \(message.printable)\n".utf8))
    }
}
