-- retrying: an activity from one attempt to the next. Answers a table of functions.
local function retrying()
  local attempts = {}

  -- Queues an activity that is nowhere. `own` is the queue that a claim takes from in this script: nobody needs to be
  -- woken for it. nil if no claim is being made.
  function attempts.queue(activity, front, own, now)
    local _, _, _, queue = names(activity.spec)
    local start, _, _, close = limits(activity.spec)
    activity.state, activity.due = 'q', 0
    if start or close then
      activity.due = math.min(start and now + start or math.huge, close or math.huge)
      local member = 'q:' .. activity.operation .. ':' .. activity.ref
      call('ZADD', base .. 'timers', digits(activity.due), member)
      if not own then watchTimer(member, queue, now) end
    end
    saveActivity(activity)
    push('a', queue, activity.operation .. ':' .. activity.ref, front, queue == own, now)
  end

  -- Makes an activity run again at a time; saveActivity() must follow.
  function attempts.delay(activity, due, quiet, now)
    activity.state, activity.due = 'r', due
    local member = 'r:' .. activity.operation .. ':' .. activity.ref
    call('ZADD', base .. 'timers', digits(due), member)
    if not quiet then
      local _, _, _, queue = names(activity.spec)
      watchTimer(member, queue, now)
    end
  end

  -- The delay after this attempt failed with a type of failure, by the activity's retry policy, as
  -- RetryPolicy.delay(after:run:operation:) computes it; nil if it was the last.
  function attempts.policy(activity, failureType)
    local initial, multiplier, maximum, most, jitter, never =
      string.match(activity.spec, '^%S+ ([^/ ]+)/([^/ ]+)/([^/ ]+)/([^/ ]+)/([^/ ]+)/(%S*) ')
    if not initial or most ~= '-' and activity.attempt >= tonumber(most) then return nil end
    if string.find(never, ',' .. failureType .. ',', 1, true) then return nil end
    local delay, limit = tonumber(initial), tonumber(maximum)
    -- By squaring: there may have been very many attempts.
    local factor, power = tonumber(multiplier), activity.attempt - 1
    while power > 0 and delay > 0 do
      if power % 2 == 1 then delay = delay * factor end
      factor, power = factor * factor, math.floor(power / 2)
    end
    delay = math.floor(delay < limit and math.max(delay, 0) or limit)
    local part = math.min(tonumber(jitter), 1)
    if part > 0 then
      local run = tonumber(string.match(activity.ref, '^%d+'))
      local state = (run % 1000003 * 2003 + activity.operation % 1000003 * 31 + activity.attempt) % 2147483646 + 1
      for _ = 1, 3 do state = state * 48271 % 2147483647 end
      local fraction = (state - 1) / 2147483646
      delay = math.floor(delay * (1 - part * fraction))
    end
    return delay
  end

  -- The failures that Reasons.swift words, without the number of attempts: as the last failure is kept.
  local words = {
    StartToCloseTimeout = 'the attempt took longer than %s ms',
    HeartbeatTimeout = 'no heartbeat came for %s ms',
    ScheduleToStartTimeout = 'no worker took it within %s ms',
    ScheduleToCloseTimeout = 'it was not done within %s ms',
  }
  function attempts.timeout(failureType, milliseconds)
    return '{"message":"' .. string.format(words[failureType], digits(milliseconds)) .. '","type":"' .. failureType ..
      '"}'
  end

  -- A failure that is final, with the number of attempts that failed, and what it comes from, if that is another.
  function attempts.final(failure, count, cause)
    return '{"attempts":' .. count .. ',' .. (cause and '"cause":' .. cause .. ',' or '') .. string.sub(failure, 2)
  end

  -- The final failure of an activity whose next attempt, due at a time, would come too late; nil if it doesn't.
  function attempts.tooLate(activity, due, failure)
    local _, close, _, deadline = limits(activity.spec)
    if not deadline or due < deadline then return nil end
    return attempts.final(attempts.timeout('ScheduleToCloseTimeout', close), activity.attempt - 1, failure)
  end

  return attempts
end
