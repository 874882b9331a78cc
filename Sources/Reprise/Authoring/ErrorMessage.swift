import Foundation

/// What an error says to people: its `LocalizedError` text if it has one, else its description.
func message(of error: any Error) -> String {
    (error as? any LocalizedError)?.errorDescription ?? String(describing: error)
}
