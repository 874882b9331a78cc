import Foundation

/// A program of this package, which was built beside the tests.
package enum BuiltProgram {
    package struct NotFound: Error, CustomStringConvertible {
        package let description: String
    }

    /// Where it is.
    package static func path(_ name: String) throws -> String {
        let test = CommandLine.arguments.first { $0.hasSuffix(".xctest") || $0.contains(".xctest/") }
        let bundles = Bundle.allBundles.map(\.bundlePath).filter { $0.hasSuffix(".xctest") }
        let places = bundles + [test, CommandLine.arguments[0], Bundle.main.executablePath].compactMap { $0 }
        for place in places {
            var folder = URL(filePath: place)
            while folder.path.count > 1 {
                folder.deleteLastPathComponent()
                let path = folder.appending(path: name).path
                var isFolder: ObjCBool = false
                if FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), !isFolder.boolValue {
                    return path
                }
            }
        }
        throw NotFound(description: "no \(name) beside \(places)")
    }
}
