import Testing

/// Real processes, really killed. One test at a time: each needs the machine.
@Suite(.serialized, .printsFigures) enum Faults {}
