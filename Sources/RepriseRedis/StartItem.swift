/// The start of a run.
struct StartItem: BatchItem {
    let arguments: ScriptArguments
}
