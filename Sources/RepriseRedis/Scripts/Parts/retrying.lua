-- retrying: the next attempt of an activity. Answers retryActivity(activity, due, quiet, now) and retryDelay(activity).
local function retrying()
  -- Makes an activity run again at a time.
  local function retryActivity(activity, due, quiet, now)
    activity.state, activity.due = 'r', due
    local member = 'r:' .. activity.operation .. ':' .. activity.ref
    call('ZADD', base .. 'timers', digits(due), member)
    if not quiet then
      local _, _, _, queue = names(activity.spec)
      watchTimer(member, queue, now)
    end
  end

  -- The delay after this attempt failed, by the activity's retry policy, as RetryPolicy.delay(after:) computes it;
  -- nil if it was the last.
  local function retryDelay(activity)
    local initial, multiplier, maximum, attempts = string.match(activity.spec, '^%d+ (%S+) (%S+) (%S+) (%S+) ')
    if attempts ~= '-' and activity.attempt >= tonumber(attempts) then return nil end
    local delay, limit = tonumber(initial), tonumber(maximum)
    local factor, count = tonumber(multiplier), 1
    while count < activity.attempt and delay < limit do
      delay = delay * factor
      count = count + 1
    end
    return math.floor(math.min(delay, limit))
  end

  return retryActivity, retryDelay
end
