-- unblocking: takes a run off the list of the blocked ones and queues what it waits for.
local function unblock(run, now)
  withdraw(run)
  call('HDEL', run.key, 'reason', 'build', 'stuckReason', 'stuckBuild')
  if run.stuck > 0 then
    local attempts = retrying()
    local operations = call('HKEYS', base .. 'ops:' .. run.ref)
    for index = 1, #operations do
      local activity = string.find(operations[index], '^%d+$') and loadActivity(run.ref, operations[index])
      if activity and activity.state == 'b' then
        activity.deaths = 0
        attempts.queue(activity, false, nil, now)
      end
    end
  end
  run.failures, run.deaths, run.stuck = 0, 0, 0
  saveTrouble(run)
  settle(run, false, false, now)
  save(run)
end
