-- complete: records how an attempt of an activity ended.
--
-- ARGV: run, operation, nonce, "completed" or "failed" or "retry",
--       output | failure as JSON without its attempts | failure as JSON (why it wants to run again),
--       "1" if a failure may be retried | delay in ms, the queue that a claim right after this takes from, or ''
-- Reply: "resolved", "retrying" and the time, "superseded", or "corrupt"
-- Checks first: that the operation is open under this nonce. A retry that it already waits for is the first answer
-- again.
local ref, operation, nonce, how, payload = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5]
local activity = loadActivity(ref, operation)
if not activity then return { 'resolved' } end
if activity.nonce ~= nonce or activity.state ~= 'l' then
  if activity.nonce == nonce and activity.state == 'r' then return { 'retrying', digits(activity.due) } end
  return { 'superseded' }
end
local run = load(ref)
if not run or run.closed then return { 'corrupt' } end

local now = clock()
local quiet = ARGV[7] == run.queue
local lease = 'a:' .. operation .. ':' .. ref
call('ZREM', base .. 'leases', lease)
local due
local retryActivity, retryDelay
if how ~= 'completed' then retryActivity, retryDelay = retrying() end
if how == 'retry' then
  due = now + tonumber(ARGV[6])
elseif how == 'failed' then
  local delay = ARGV[6] == '1' and retryDelay(activity)
  if delay then
    due = now + delay
    activity.attempt = activity.attempt + 1
  else
    payload = '{"attempts":' .. activity.attempt .. ',' .. string.sub(payload, 2)
  end
end
if due then
  call('HDEL', base .. 'held:' .. activity.holder, nonce)
  activity.deaths = 0
  retryActivity(activity, due, quiet, now)
  saveActivity(activity, operation .. ':error', payload)
  return { 'retrying', digits(due) }
end
if not append(run, how == 'completed' and 'activityCompleted' or 'activityFailed', operation, payload, now) then
  -- The history refused the entry: leave everything as it was; the lease must have a time.
  call('ZADD', base .. 'leases', now + 60000, lease)
  return { 'corrupt' }
end
call('HDEL', base .. 'held:' .. activity.holder, nonce)
dropOperation(ref, operation)
arrived(run, quiet, now)
save(run)
return { 'resolved' }
