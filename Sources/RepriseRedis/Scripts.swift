import RedisClient

/// The scripts, each a body from `Scripts/` with the parts from `Scripts/Parts/` that it uses before it.
struct Scripts: Sendable {
    let start = script(
        PackageResources.start_lua,
        [
            PackageResources.trying_lua, PackageResources.queues_lua, PackageResources.timing_lua,
            PackageResources.starting_lua,
        ])
    let signal = script(
        PackageResources.signal_lua,
        [
            PackageResources.queues_lua, PackageResources.runs_lua, PackageResources.referring_lua,
            PackageResources.following_lua,
        ])
    let describe = script(
        PackageResources.describe_lua, [PackageResources.describing_lua, PackageResources.referring_lua])
    let blocked = script(PackageResources.blocked_lua, [PackageResources.describing_lua])
    let history = script(PackageResources.history_lua, [PackageResources.reading_lua])
    let wait = script(PackageResources.wait_lua, [PackageResources.describing_lua])
    let unwait = script(PackageResources.unwait_lua, [])
    let unblock = script(
        PackageResources.unblock_lua,
        [
            PackageResources.queues_lua, PackageResources.runs_lua, PackageResources.operations_lua,
            PackageResources.blocking_lua, PackageResources.timing_lua, PackageResources.retrying_lua,
            PackageResources.dropping_lua, PackageResources.withdrawing_lua, PackageResources.unblocking_lua,
        ])
    let cancel = script(PackageResources.cancel_lua, endingParts)
    let terminate = script(PackageResources.terminate_lua, endingParts)
    let pause = script(
        PackageResources.pause_lua,
        [PackageResources.queues_lua, PackageResources.runs_lua, PackageResources.dropping_lua])
    let resume = script(PackageResources.resume_lua, [PackageResources.queues_lua, PackageResources.runs_lua])
    let register = script(
        PackageResources.register_lua,
        [
            PackageResources.queues_lua, PackageResources.runs_lua, PackageResources.operations_lua,
            PackageResources.trying_lua, PackageResources.guarding_lua, PackageResources.watch_lua,
            PackageResources.blocking_lua,
            PackageResources.timing_lua,
            PackageResources.retrying_lua, PackageResources.dropping_lua, PackageResources.withdrawing_lua,
            PackageResources.unblocking_lua, PackageResources.parking_lua,
        ])
    let unregister = script(
        PackageResources.unregister_lua,
        [
            PackageResources.queues_lua, PackageResources.runs_lua, PackageResources.operations_lua,
            PackageResources.trying_lua, PackageResources.guarding_lua, PackageResources.timing_lua,
            PackageResources.retrying_lua,
            PackageResources.leaving_lua,
            PackageResources.handback_lua,
        ])
    let recover = script(
        PackageResources.recover_lua,
        [
            PackageResources.queues_lua, PackageResources.runs_lua, PackageResources.operations_lua,
            PackageResources.trying_lua, PackageResources.guarding_lua, PackageResources.timing_lua,
            PackageResources.retrying_lua,
            PackageResources.handback_lua,
        ])
    let renew = script(PackageResources.renew_lua, [PackageResources.watch_lua])
    let work = script(
        PackageResources.work_lua,
        [
            PackageResources.trying_lua, PackageResources.guarding_lua, PackageResources.watch_lua,
            PackageResources.reading_lua,
            PackageResources.blocking_lua, PackageResources.timing_lua, PackageResources.messages_lua,
            PackageResources.dropping_lua, PackageResources.chunking_lua, PackageResources.effects_lua,
            PackageResources.waiters_lua, PackageResources.closing_lua, PackageResources.together_lua,
            PackageResources.retrying_lua, PackageResources.withdrawing_lua, PackageResources.leaving_lua,
            PackageResources.parking_lua, PackageResources.suspects_lua, PackageResources.maintenance_lua,
            PackageResources.sweeping_lua,
            onDemand(
                "delivering", answering: "deliver",
                [
                    PackageResources.clearing_lua, PackageResources.ending_lua, PackageResources.starting_lua,
                    PackageResources.unpacking_lua, PackageResources.delivering_lua,
                ]),
            onDemand("staging", answering: "applyPage", [PackageResources.staging_lua]),
            onDemand(
                "continuing", answering: "gather, continueAsNew",
                [
                    PackageResources.starting_lua, PackageResources.unpacking_lua, PackageResources.carrying_lua,
                    PackageResources.continuing_lua,
                ]),
            PackageResources.committing_lua, PackageResources.completing_lua, PackageResources.foreseeing_lua,
            PackageResources.claiming_lua,
        ],
        on: [PackageResources.queues_lua, PackageResources.runs_lua, PackageResources.operations_lua])
    let sweep = script(PackageResources.sweep_lua, [PackageResources.sweeping_lua])
    let total = script(
        PackageResources.total_lua, [PackageResources.sweeping_lua, PackageResources.marking_lua])
    let stage = script(PackageResources.stage_lua, [PackageResources.queues_lua, PackageResources.runs_lua])
    let apply = script(
        PackageResources.apply_lua,
        [
            PackageResources.queues_lua, PackageResources.runs_lua, PackageResources.operations_lua,
            PackageResources.blocking_lua, PackageResources.timing_lua, PackageResources.messages_lua,
            PackageResources.dropping_lua, PackageResources.chunking_lua, PackageResources.effects_lua,
            PackageResources.staging_lua,
        ])
    let carry = script(
        PackageResources.carry_lua,
        [
            PackageResources.queues_lua, PackageResources.runs_lua, PackageResources.reading_lua,
            PackageResources.carrying_lua,
        ])
    let check = script(
        PackageResources.check_lua,
        [
            PackageResources.queues_lua, PackageResources.runs_lua, PackageResources.operations_lua,
            PackageResources.blocking_lua, PackageResources.dropping_lua, PackageResources.withdrawing_lua,
            PackageResources.unpacking_lua, PackageResources.messages_lua, PackageResources.marking_lua,
            PackageResources.checking_lua,
            PackageResources.check_operations_lua, PackageResources.check_runs_lua, PackageResources.check_lists_lua,
            PackageResources.check_keys_lua,
        ])
    let rights = script(PackageResources.rights_lua, [])
    let releaseWorkflow = script(
        PackageResources.release_workflow_lua,
        [
            PackageResources.queues_lua, PackageResources.runs_lua, PackageResources.blocking_lua,
            PackageResources.timing_lua,
        ])
    let releaseActivity = script(
        PackageResources.release_activity_lua,
        [
            PackageResources.queues_lua, PackageResources.operations_lua, PackageResources.timing_lua,
            PackageResources.retrying_lua,
        ])
    let heartbeat = script(PackageResources.heartbeat_lua, [PackageResources.operations_lua])

    /// The scripts of this process: their digests are computed once.
    static let shared = Scripts()

    /// All of them, in one order.
    var all: [RedisScript] {
        [
            start, signal, describe, blocked, history, wait, unwait, cancel, terminate, pause, resume, unblock,
            register,
            unregister, recover, renew, work, sweep, total, stage, carry, apply, heartbeat, check,
            rights,
            releaseWorkflow, releaseActivity,
        ]
    }

    /// Their names here, by digest.
    static let names = Dictionary(
        uniqueKeysWithValues: Mirror(reflecting: shared).children.compactMap { child in
            (child.value as? RedisScript).flatMap { script in child.label.map { (script.sha1, $0) } }
        })

    private static let endingParts = [
        PackageResources.queues_lua, PackageResources.runs_lua, PackageResources.operations_lua,
        PackageResources.blocking_lua, PackageResources.timing_lua, PackageResources.messages_lua,
        PackageResources.dropping_lua,
        PackageResources.chunking_lua, PackageResources.effects_lua, PackageResources.waiters_lua,
        PackageResources.closing_lua, PackageResources.withdrawing_lua, PackageResources.ending_lua,
        PackageResources.referring_lua, PackageResources.following_lua,
    ]

    /// Parts whose functions are made only when `name` is called, which answers one of them.
    private static func onDemand(_ name: String, answering function: String, _ parts: [[UInt8]]) -> [UInt8] {
        Array("local function \(name)()\n".utf8) + parts.joined() + Array("return \(function)\nend\n".utf8)
    }

    private static func script(_ body: [UInt8], _ parts: [[UInt8]]) -> RedisScript {
        let bytes = PackageResources.base_lua + parts.joined() + body
        return RedisScript(String(decoding: bytes, as: UTF8.self))
    }

    /// A script of many parts, whose functions are all made anew at each call: what these use of `foundation` stands outside of
    /// the function that they are made in. There Lua copies a pointer for it; for a local variable of the same function it
    /// goes through the list of all others that a function uses, which was half of the time of a call that does nothing.
    private static func script(_ body: [UInt8], _ parts: [[UInt8]], on foundation: [[UInt8]]) -> RedisScript {
        let inner = Array("return (function()\n".utf8) + parts.joined() + body + Array("end)()\n".utf8)
        return script(inner, foundation)
    }
}
