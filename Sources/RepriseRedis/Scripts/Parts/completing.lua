-- completing: records how an attempt of an activity ended.
--
-- The arguments: run, operation, nonce, "completed" or "failed" or "retry" or "later",
-- output | failure as JSON without its attempts | failure as JSON (why it wants to run again),
-- "1" if a failure may be retried | delay in ms, a failure's type as in a spec, delay in ms that takes the place of the
-- policy's, or ''. `quiet` is the queue that a claim right after this takes from ('' = none follows).
--
-- Answers "resolved", "retrying" and the time, "pending", "superseded", or "corrupt".
-- Checks first: that the operation is open under this nonce. A retry that it already waits for is the first answer again.
local function complete(quiet, now, ref, operation, nonce, how, payload, detail, failureType, nextDelay)
  local activity = loadActivity(ref, operation)
  if not activity then return { 'resolved' } end
  local state = activity.state
  if activity.nonce ~= nonce or state ~= 'l' and state ~= 'e' then
    if activity.nonce == nonce and state == 'r' then return { 'retrying', digits(activity.due) } end
    return { 'superseded' }
  end
  if how == 'later' and state == 'e' then return { 'pending' } end
  local run = load(ref)
  if not run or run.closed then return { 'corrupt' } end
  local claims = quiet == run.queue
  local lease = 'a:' .. operation .. ':' .. ref
  -- What would end the attempt is taken away.
  local function over()
    if state == 'l' then
      unhold(activity.holder, nonce, lease)
    else
      call('ZREM', base .. 'timers', 'e:' .. operation .. ':' .. ref)
    end
  end

  if how == 'later' then
    -- The hold knows when the attempt ends, heartbeats included.
    local held = call('HGET', base .. 'held:' .. activity.holder, nonce) or ''
    over()
    activity.state, activity.deaths = 'e', 0
    saveActivity(activity)
    call('ZADD', base .. 'timers', string.match(held, '^%d+') or digits(activity.due), 'e:' .. operation .. ':' .. ref)
    if not claims then watchTimer('e:' .. operation .. ':' .. ref, run.queue, now) end
    return { 'pending' }
  end
  if how ~= 'completed' then
    local attempts = retrying()
    local due
    if how == 'retry' then
      due = now + tonumber(detail)
    else
      local delay = detail == '1' and attempts.policy(activity, failureType)
      if delay then
        due = now + (tonumber(nextDelay) or delay)
        activity.attempt = activity.attempt + 1
      else
        payload = attempts.final(payload, activity.attempt)
      end
    end
    local tooLate = due and attempts.tooLate(activity, due, payload)
    if due and not tooLate then
      over()
      activity.deaths = 0
      attempts.delay(activity, due, claims, now)
      saveActivity(activity, operation .. ':error', payload)
      return { 'retrying', digits(due) }
    end
    payload = tooLate or payload
  end
  if not append(run, how == 'completed' and 'activityCompleted' or 'activityFailed', operation, payload, now) then
    -- Everything is as it was; what ends the attempt must have a time.
    local set = state == 'l' and 'leases' or 'timers'
    call('ZADD', base .. set, now + 60000, state == 'l' and lease or 'e:' .. operation .. ':' .. ref)
    return { 'corrupt' }
  end
  over()
  dropOperation(ref, operation)
  arrived(run, claims, now)
  save(run)
  return { 'resolved' }
end
