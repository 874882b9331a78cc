-- complete: records how an attempt of an activity ended.
--
-- ARGV: run, operation, nonce, "completed" or "failed" or "retry" or "later",
--       output | failure as JSON without its attempts | failure as JSON (why it wants to run again),
--       the queue that a claim right after this takes from, or '',
--       "1" if a failure may be retried | delay in ms, a failure's type as in a spec, delay in ms that takes the place
--       of the policy's, or ''
-- Reply: "resolved", "retrying" and the time, "pending", "superseded", or "corrupt"
-- Checks first: that the operation is open under this nonce. A retry that it already waits for is the first answer
-- again.
local ref, operation, nonce, how, payload = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5]
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

local now = clock()
local quiet = ARGV[6] == run.queue
local held = base .. 'held:' .. activity.holder
-- What would end the attempt: it is removed first, so that this passes at maxmemory.
local set, member = base .. 'leases', 'a:' .. operation .. ':' .. ref
if state == 'e' then set, member = base .. 'timers', 'e:' .. operation .. ':' .. ref end
call('ZREM', set, member)

if how == 'later' then
  -- The hold knows when the attempt ends, heartbeats included.
  local ending = string.match(call('HGET', held, nonce) or '', '^%d+') or digits(activity.due)
  call('HDEL', held, nonce)
  activity.state, activity.deaths = 'e', 0
  saveActivity(activity)
  call('ZADD', base .. 'timers', ending, 'e:' .. operation .. ':' .. ref)
  if not quiet then watchTimer('e:' .. operation .. ':' .. ref, run.queue, now) end
  return { 'pending' }
end
if how ~= 'completed' then
  local attempts = retrying()
  local due
  if how == 'retry' then
    due = now + tonumber(ARGV[7])
  else
    local delay = ARGV[7] == '1' and attempts.policy(activity, ARGV[8])
    if delay then
      due = now + (tonumber(ARGV[9]) or delay)
      activity.attempt = activity.attempt + 1
    else
      payload = attempts.final(payload, activity.attempt)
    end
  end
  local tooLate = due and attempts.tooLate(activity, due, payload)
  if due and not tooLate then
    if state == 'l' then call('HDEL', held, nonce) end
    activity.deaths = 0
    attempts.delay(activity, due, quiet, now)
    saveActivity(activity, operation .. ':error', payload)
    return { 'retrying', digits(due) }
  end
  payload = tooLate or payload
end
if not append(run, how == 'completed' and 'activityCompleted' or 'activityFailed', operation, payload, now) then
  -- The history refused the entry: leave everything as it was; the lease must have a time.
  call('ZADD', set, now + 60000, member)
  return { 'corrupt' }
end
if state == 'l' then call('HDEL', held, nonce) end
dropOperation(ref, operation)
arrived(run, quiet, now)
save(run)
return { 'resolved' }
