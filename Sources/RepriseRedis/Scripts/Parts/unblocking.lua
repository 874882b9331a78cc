-- unblocking: takes a run off the list of the blocked ones and queues what it waits for. Of many blocked activities it queues
-- up to `limit`; the run stays blocked until none is left. `byHand`: not because there is another build, so that every build may
-- try again. Answers how many it queued, and whether the run goes on.
local function unblock(run, limit, byHand, now)
  local queued = 0
  if run.stuck > 0 then
    local attempts = retrying()
    local operations = call('SPOP', base .. 'stuck:' .. run.ref, limit)
    for index = 1, #operations do
      local activity = loadActivity(run.ref, operations[index])
      if activity and activity.state == 'b' then
        activity.deaths = 0
        attempts.queue(activity, false, nil, now)
      end
    end
    queued = #operations
    run.stuck = call('SCARD', base .. 'stuck:' .. run.ref)
  end
  if run.stuck > 0 then
    run.troubled = true
    saveTrouble(run)
    return queued, false
  end
  withdraw(run)
  call('HDEL', run.key, 'reason', 'worker', 'build', 'lastError', 'since', 'stuck')
  if byHand then call('HDEL', run.key, 'tried') end
  run.failures, run.deaths, run.isTried = 0, 0, not byHand
  saveTrouble(run)
  settle(run, false, false, now)
  save(run)
  return queued, true
end
