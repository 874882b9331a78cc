import ArgumentParser
import RepriseCommands

/// The program `reprise`.
@main
struct Program {
    static func main() async { await RepriseCommand.main() }
}
