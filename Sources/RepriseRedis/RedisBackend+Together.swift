import RedisClient
public import Reprise

/// Turns and completions that are sent in one call.
extension RedisBackend {
    /// Records what a worker has done. See ``Reprise/Backend/record(_:claiming:)``.
    public func record(_ report: WorkerReport, claiming request: ClaimRequest?) async -> WorkerReceipt {
        var commits: [Result<CommitAnswer, BackendError>?] = []
        var items: [WorkItem] = []
        for commit in report.commits {
            do throws(BackendError) {
                let (staging, item) = try commitItem(commit)
                if staging.isEmpty, commit.carried.count <= Limits.entriesPerPage {
                    items.append(item)
                    commits.append(nil)
                } else {
                    commits.append(.success(try await self.commit(commit, claiming: nil).answer))
                }
            } catch {
                commits.append(.failure(error))
            }
        }
        var foreseen: [Result<Bool, BackendError>?] = []
        for turn in report.foreseen {
            do throws(BackendError) {
                items.append(try foreseeItem(turn))
                foreseen.append(nil)
            } catch {
                foreseen.append(.failure(error))
            }
        }
        items += report.completions.map { completeItem($0) }
        if items.isEmpty { items.append(WorkItem(.none)) }
        let replies = await submit(items, claiming: request)

        var receipt = WorkerReceipt()
        var (next, failure): (Int, BackendError?) = (0, nil)
        do throws(BackendError) {
            receipt.work = try await claimedWork(try errors.checked(try replies.last!.get().work), request)
        } catch {
            failure = error
        }
        // Without the work the last answer is not known either: it is asked for again.
        func answer<Answer>(
            _ known: Result<Answer, BackendError>?, _ parse: (RedisReply) async throws(BackendError) -> Answer
        ) async -> Result<Answer, BackendError> {
            if let known { return known }
            defer { next += 1 }
            do throws(BackendError) {
                if next == replies.count - 1, let failure { throw failure }
                return .success(try await parse(try errors.checked(try replies[next].get().answer)))
            } catch {
                return .failure(error)
            }
        }
        for (commit, known) in zip(report.commits, commits) {
            receipt.commits.append(
                await answer(known) { reply throws(BackendError) in
                    if let answer = try commitAnswer(reply, commit) { return answer }
                    return try await commitPrepared(commit)
                })
        }
        for known in foreseen {
            receipt.foreseen.append(
                await answer(known) { reply throws(BackendError) in try foreseenAnswer(reply) })
        }
        for completion in report.completions {
            receipt.completions.append(
                await answer(nil) { reply throws(BackendError) in try completionAnswer(reply, completion) })
        }
        return receipt
    }

    /// Sends one item, with its request.
    func submit(_ item: WorkItem) async throws(BackendError) -> Batchers.WorkAnswer {
        try await submit([item], claiming: item.request)[0].get()
    }

    /// Sends items; the last one brings the request, without which they can be repeated.
    private func submit(
        _ items: [WorkItem], claiming request: ClaimRequest?
    ) async -> [Result<Batchers.WorkAnswer, BackendError>] {
        if let id = request?.id, id.isEmpty || !id.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7F }) {
            let error = BackendError(.invalidRequest, "a claim's id has no blanks, and isn't “\(id)”")
            return items.map { _ in .failure(error) }
        }
        var replies: [Result<Batchers.WorkAnswer, BackendError>?] = Array(repeating: nil, count: items.count)
        var missing = Array(items.indices)
        while let last = missing.last {
            var batch = missing.map { items[$0] }
            batch[batch.count - 1].request = last == items.count - 1 ? request : nil
            let outcomes = await batchers.of(request?.worker).submit(batch, repeats: request == nil)
            for (index, outcome) in zip(missing, outcomes) {
                switch outcome {
                case .success((.array(let words), _)) where words.first?.isAgain == true:
                    // Those before it were enough for one script.
                    break
                case .success(let reply): replies[index] = .success(reply)
                case .failure(let error): replies[index] = .failure(errors.mapped(error))
                }
            }
            missing.removeAll { replies[$0] != nil }
        }
        return replies.map { $0! }
    }
}

extension RedisReply {
    fileprivate var isAgain: Bool { (try? asString) == "again" }
}
