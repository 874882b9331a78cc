import Logging

/// Drops what workflow code logs while it repeats recorded history: it was logged when it happened.
struct ReplayLogHandler: LogHandler {
    var base: any LogHandler
    weak var engine: ReplayEngine?

    var metadata: Logger.Metadata {
        get { base.metadata }
        set { base.metadata = newValue }
    }

    var metadataProvider: Logger.MetadataProvider? {
        get { base.metadataProvider }
        set { base.metadataProvider = newValue }
    }

    var logLevel: Logger.Level {
        get { base.logLevel }
        set { base.logLevel = newValue }
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { base[metadataKey: key] }
        set { base[metadataKey: key] = newValue }
    }

    func log(event: LogEvent) {
        guard let engine, !engine.info.isReplaying else { return }
        base.log(event: event)
    }
}
