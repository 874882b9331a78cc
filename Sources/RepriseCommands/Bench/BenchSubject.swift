import ArgumentParser

/// What is named on the command line.
enum BenchSubject: ExpressibleByArgument {
    case workload(Workload)
    case growth([GrowthScene])

    init?(argument: String) {
        let name = argument.lowercased()
        if let workload = Workload(argument: argument) {
            self = .workload(workload)
        } else if let scene = GrowthScene(rawValue: name) {
            self = .growth([scene])
        } else if name == "growth" {
            self = .growth(GrowthScene.allCases)
        } else {
            return nil
        }
    }

    static var allValueStrings: [String] {
        Workload.allCases.map(\.rawValue) + GrowthScene.allCases.map(\.rawValue) + ["growth"]
    }
}
