/// The start of a run.
struct StartItem: BatchItem {
    let arguments: ScriptArguments
    var isRepeatable: Bool { true }
}
