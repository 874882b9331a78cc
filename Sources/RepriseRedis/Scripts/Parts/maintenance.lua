-- maintenance: what a claim does before it takes work. Each part is bounded; what is left is due at once.
--
-- Making a function costs Redis' Lua about 0.1 us, so these are made only when something is due.
-- `own` is the queue that the claim takes from: it needs no wake-up.
-- Answers endLeases(now, limit, deathLimit), fireTimers(now, limit) and forgetWorkers(now, limit).
local function maintenance(own)
  local attempts, drop = retrying(), nil
  local forget = leaving()

  -- Resolves an activity with a failure.
  local function fail(activity, failure, now)
    local run = load(activity.ref)
    if not run then return end
    if append(run, 'activityFailed', activity.operation, failure, now) then
      arrived(run, run.queue == own, now)
    else
      refuse(run, 'a timeout', now)
    end
    dropOperation(activity.ref, activity.operation)
    save(run)
  end

  -- Ends an activity by a timeout that isn't retried. `activity.attempt` is one more than the attempts that failed.
  local function timedOutForGood(activity, failureType, milliseconds, now)
    local cause = call('HGET', activity.key, activity.operation .. ':error')
    fail(activity, attempts.final(attempts.timeout(failureType, milliseconds), activity.attempt - 1, cause), now)
  end

  -- An attempt, which nobody holds any more, reached a deadline: its own, or that of a heartbeat, which is earlier, or
  -- schedule-to-close.
  local function attemptTimedOut(activity, deadline, now)
    local _, _, milliseconds = names(activity.spec)
    local _, close, heartbeat, closeDeadline = limits(activity.spec)
    local failureType = 'StartToCloseTimeout'
    if closeDeadline and closeDeadline <= deadline then
      activity.attempt = activity.attempt + 1
      return timedOutForGood(activity, 'ScheduleToCloseTimeout', close, now)
    elseif deadline < activity.due then
      failureType, milliseconds = 'HeartbeatTimeout', heartbeat
    end
    local failure = attempts.timeout(failureType, milliseconds)
    local delay = attempts.policy(activity, failureType)
    if not delay then return fail(activity, attempts.final(failure, activity.attempt), now) end
    activity.attempt, activity.deaths = activity.attempt + 1, 0
    local tooLate = attempts.tooLate(activity, now + delay, failure)
    if tooLate then return fail(activity, tooLate, now) end
    attempts.delay(activity, now + delay, true, now)
    saveActivity(activity, activity.operation .. ':error', failure)
  end

  -- No worker took an activity in time.
  local function queuedTooLong(task, deadline, now)
    local operation, ref = string.match(task, '^(%d+):(.*)$')
    local activity = loadActivity(ref, operation)
    if not activity or activity.state ~= 'q' then return end
    local name, _, _, queue = names(activity.spec)
    local start, close, _, closeDeadline = limits(activity.spec)
    drop = drop or dropping()
    drop(queue, 'a:' .. name, task)
    if closeDeadline and closeDeadline <= deadline then
      timedOutForGood(activity, 'ScheduleToCloseTimeout', close, now)
    else
      timedOutForGood(activity, 'ScheduleToStartTimeout', start, now)
    end
  end

  -- Records a due timer, by its member in the sorted set "timers".
  --   t:<operation>:<run>  a timer      r:<operation>:<run>  an activity's next attempt
  --   q:<operation>:<run>  a queued activity's deadline
  --   e:<operation>:<run>  the deadline of an attempt that goes on elsewhere
  --   s:<run>              a delayed start                    d:<run>  a delayed turn
  local function fire(member, score, now)
    local kind, rest = string.sub(member, 1, 1), string.sub(member, 3)
    if kind == 't' then
      local operation, ref = string.match(rest, '^(%d+):(.*)$')
      local run = load(ref)
      if not run or run.closed or call('HEXISTS', base .. 'ops:' .. ref, operation) == 0 then return end
      if append(run, 'timerFired', operation, '', now) then
        arrived(run, run.queue == own, now)
      else
        refuse(run, 'a timer', now)
      end
      call('HDEL', base .. 'ops:' .. ref, operation)
      save(run)
    elseif kind == 'r' then
      local operation, ref = string.match(rest, '^(%d+):(.*)$')
      local activity = loadActivity(ref, operation)
      if not activity or activity.state ~= 'r' then return end
      attempts.queue(activity, false, own, now)
      if activity.due > 0 and activity.due <= now then
        -- So late is it: the claim that does this must not take it.
        call('ZREM', base .. 'timers', 'q:' .. rest)
        queuedTooLong(rest, activity.due, now)
      end
    elseif kind == 'q' then
      queuedTooLong(rest, score, now)
    elseif kind == 'e' then
      local operation, ref = string.match(rest, '^(%d+):(.*)$')
      local activity = loadActivity(ref, operation)
      if activity and activity.state == 'e' then attemptTimedOut(activity, score, now) end
    else
      local run = load(rest)
      if not run or run.state ~= 'delayed' then return end
      call('HDEL', run.key, 'due')
      if kind == 's' then
        if append(run, 'started', 0, '', now) then
          settle(run, false, run.queue == own, now)
        else
          refuse(run, 'the start', now)
        end
        save(run, 'started', run.time)
      else
        settle(run, false, run.queue == own, now)
        save(run)
      end
    end
  end

  -- Records the due timers, up to `limit`.
  local function fireTimers(now, limit)
    local timers = base .. 'timers'
    local due = call('ZRANGEBYSCORE', timers, '-inf', now, 'WITHSCORES', 'LIMIT', 0, limit)
    local members = {}
    for index = 1, #due, 2 do members[#members + 1] = due[index] end
    if #members == 0 then return end
    -- Lets it pass at maxmemory. The timers are removed last: if Redis refuses a part of it, they fire again.
    call('HDEL', meta, '-')
    for index = 1, #due, 2 do guarded(due[index], fire, due[index], tonumber(due[index + 1]), now) end
    call('ZREM', timers, unpack(members))
  end

  -- What the attempt before had failed with; '' if there was none.
  local function lastError(activity)
    local isFailure, failure = pcall(cjson.decode, call('HGET', activity.key, activity.operation .. ':error') or '')
    return isFailure and failure.type .. ': ' .. failure.message or ''
  end

  -- The deadline that an attempt outran, which a worker holds: the one that passed, if the worker was heard of since, or
  -- schedule-to-close, which doesn't ask what it was. Nothing, and when to look again, as long as nobody knows whether the
  -- worker lives; nothing at all if it died.
  local function passedDeadline(activity, deadline, now)
    local record = call('HMGET', base .. 'worker:' .. activity.holder, 'expires', 'lease')
    local expiry, _, _, _, close = tonumber(record[1] or 0), limits(activity.spec)
    if expiry - tonumber(record[2] or 0) >= deadline then return deadline end
    if close and close <= now then return close end
    if expiry > now then return nil, close and math.min(close, expiry) or expiry end
  end

  -- The lease of an attempt ended: by a deadline, or because nobody renewed it.
  local function endAttempt(member, score, deaths, now)
    local operation, ref = string.match(member, '^a:(%d+):(.*)$')
    local activity = loadActivity(ref, operation)
    if not activity or activity.state ~= 'l' then return end
    local name, _, _, _, isLimited = names(activity.spec)
    local held, ending = base .. 'held:' .. activity.holder, activity.due
    -- The hold knows of the heartbeat timeout.
    if isLimited then ending = tonumber(string.match(call('HGET', held, activity.nonce) or '', '^%d+') or ending) end
    local passed, again
    if score >= ending then passed, again = passedDeadline(activity, ending, now) end
    if again then
      call('ZADD', base .. 'leases', digits(again), member)
      return
    end
    local dead = not passed and deaths.of(activity.holder, activity.nonce)
    call('HDEL', held, activity.nonce)
    if passed then
      call('PUBLISH', base .. 'cancels:' .. activity.holder, 'timedOut ' .. activity.nonce)
      attemptTimedOut(activity, passed, now)
      return
    end
    if dead then
      activity.deaths = activity.deaths + 1
      if activity.deaths >= deaths.limit then
        activity.state, activity.due = 'b', 0
        saveActivity(activity)
        local run = load(ref)
        if not run then return end
        run.stuck = run.stuck + 1
        call('SADD', base .. 'stuck:' .. ref, operation)
        saveTrouble(run)
        local reason = activity.deaths .. ' workers in a row died while they ran activity “' .. name ..
          '” (operation ' .. operation .. ')'
        call('HSET', run.key, 'stuck', cjson.encode({ reason, dead.name, dead.build, lastError(activity) }))
        local isAtRest = run.state == 'idle' or run.state == 'queued' or run.state == 'paused'
        if isAtRest and not run.staged then settle(run, false, run.queue == own, now) end
        save(run)
        return
      end
    end
    attempts.queue(activity, true, own, now)
  end

  -- The lease of a run ended because nobody renewed it.
  local function endTurn(member, deaths, now)
    local run = load(string.sub(member, 3))
    if not run or run.state ~= 'leased' then return end
    local nonce, holder = string.match(run.claim or '', '^%d+ (%S+) (%S+)$')
    local dead = holder and deaths.of(holder, nonce)
    if holder then call('HDEL', base .. 'held:' .. holder, nonce) end
    if dead then
      run.deaths = run.deaths + 1
      saveTrouble(run)
    end
    if dead and run.deaths >= deaths.limit then
      local lastError = call('HGET', run.key, 'reason') or ''
      block(run, run.deaths .. ' workers in a row died while they held it', dead.name, dead.build, lastError, now)
    else
      settle(run, true, run.queue == own, now)
    end
    save(run)
  end

  -- Hands over the leases that ended, up to `limit`.
  local function endLeases(now, limit, deathLimit)
    local leases = base .. 'leases'
    local ended = call('ZRANGEBYSCORE', leases, '-inf', now, 'WITHSCORES', 'LIMIT', 0, limit)
    local members = {}
    for index = 1, #ended, 2 do members[#members + 1] = ended[index] end
    call('ZREM', leases, unpack(members))
    local known = {}
    local deaths = { limit = deathLimit }
    -- The name and build of a worker whose registration lapsed, if that counts as a death for what it held under the nonce:
    -- if this was on trial, or nothing was. What was is decided once, when the first of its leases ends.
    function deaths.of(worker, nonce)
      local trials = base .. 'trials:' .. worker
      if known[worker] == nil then
        local expiry = call('ZSCORE', base .. 'workers', worker)
        known[worker] = false
        if not expiry or tonumber(expiry) <= now then
          local key = base .. 'worker:' .. worker
          local record = call('HMGET', key, 'name', 'build', 'judged', 'suspect', 'leaving')
          local suspects = call('ZRANGE', trials, 0, -1)
          if #suspects > 0 and not record[3] then
            -- What this death blocks is blamed for it alone.
            local blamed = string.match(record[4] or '', '^(%S+) .* f$')
            local isBlamed = blamed and call('ZSCORE', trials, blamed) and
              call('HEXISTS', base .. 'held:' .. worker, blamed) == 1
            for index = 1, #suspects do
              local nonce = suspects[index]
              if isBlamed and nonce ~= blamed or call('HEXISTS', base .. 'held:' .. worker, nonce) == 0 then
                call('ZREM', trials, nonce)
              end
            end
            call('HSET', key, 'judged', 1)
          end
          known[worker] = not record[5] and {
            name = record[1] or '', build = record[2] or '', hadTrials = call('EXISTS', trials) == 1,
          }
        end
      end
      local dead = known[worker]
      return dead and (not dead.hadTrials or call('ZSCORE', trials, nonce)) and dead or nil
    end
    -- From the last to the first, since each goes to the front of its queue.
    for index = #ended - 1, 1, -2 do
      local lease = ended[index]
      if string.sub(lease, 1, 1) == 'w' then
        guarded(lease, endTurn, lease, deaths, now)
      else
        guarded(lease, endAttempt, lease, tonumber(ended[index + 1]), deaths, now)
      end
    end
  end

  -- Removes up to `limit` workers that are gone and hold nothing.
  local function forgetWorkers(now, limit)
    local dead = call('ZRANGEBYSCORE', base .. 'workers', '-inf', now, 'LIMIT', 0, limit)
    for index = 1, #dead do
      local worker = dead[index]
      if call('EXISTS', base .. 'held:' .. worker) == 0 then guarded(worker, forget, worker, now) end
    end
  end

  return endLeases, fireTimers, forgetWorkers
end
