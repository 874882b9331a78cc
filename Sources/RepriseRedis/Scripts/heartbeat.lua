-- heartbeat: records a heartbeat of an attempt, renews its lease, and puts off its heartbeat timeout.
--
-- ARGV: run, operation, nonce, "1" if there are details, the details
-- Reply: "recorded" or "superseded"
-- Checks first: that the operation is open under this nonce. At maxmemory the HDEL comes first.
local ref, operation, nonce = ARGV[1], ARGV[2], ARGV[3]
local activity = loadActivity(ref, operation)
if not activity or activity.nonce ~= nonce or activity.state ~= 'l' and activity.state ~= 'e' then
  return 'superseded'
end
local now = clock()
local _, _, heartbeat = limits(activity.spec)
local ending = heartbeat and math.min(activity.due, now + heartbeat) or activity.due
call('HDEL', meta, '-')
if activity.state == 'l' then
  local member = 'a:' .. operation .. ':' .. ref
  local lease = tonumber(call('HGET', base .. 'worker:' .. activity.holder, 'lease') or 0)
  call('ZADD', base .. 'leases', 'XX', digits(math.min(now + lease, ending)), member)
  call('HSET', base .. 'held:' .. activity.holder, nonce, digits(ending) .. ' ' .. member)
else
  call('ZADD', base .. 'timers', 'XX', digits(ending), 'e:' .. operation .. ':' .. ref)
end
if ARGV[4] == '1' then call('HSET', activity.key, operation .. ':hb', ARGV[5]) end
return 'recorded'
