import OrderedCollections

extension Store {
    /// Lets registrations last longer by what a jump of the clock to a time takes from them: the workers live then.
    mutating func postponeRegistrations(by duration: Duration, to time: Timestamp) {
        for id in workers.keys {
            workers[id]!.expires = workers[id]!.expires.advanced(by: duration)
            workers[id]!.heard = time
        }
    }

    /// Lets leases last longer by what a jump of the clock took from them. Deadlines stay.
    mutating func postponeLeases(by duration: Duration) {
        for task in held.values.flatMap(\.values) {
            switch task {
            case .workflow(let run):
                guard case .leased(var lease) = runs[run]?.place else { continue }
                extend(&lease, to: lease.expires.advanced(by: duration), .workflowLease(run: run))
                runs[run]!.place = .leased(lease)
            case .activity(let run, let operation):
                guard case .leased(var lease) = runs[run]?.operations[operation]?.source else { continue }
                let item = DueSchedule.Item.activityLease(run: run, operation: operation)
                extend(&lease, to: lease.expires.advanced(by: duration), item)
                runs[run]!.operations[operation]!.source = .leased(lease)
            }
        }
    }
}
