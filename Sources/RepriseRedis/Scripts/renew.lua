-- renew: renews a worker's registration and the leases of what it holds, a bounded part of it.
--
-- ARGV: worker, up to 512 nonces...
-- Reply: "renewed" or "unregistered", then the nonces that it no longer holds, in the order given
-- Checks first: that the registration hasn't lapsed. At maxmemory the HDEL comes first.
local worker = ARGV[1]
local held = base .. 'held:' .. worker
local record = call('HMGET', base .. 'worker:' .. worker, 'lease', 'expires')
if not record[1] then return { 'unregistered' } end
local lease, expiry = tonumber(record[1]), tonumber(record[2])
local now = clock()
local suspended, hold, unnoted = watch(lease, now)
if expiry <= now and not suspended then return { 'unregistered' } end
call('HDEL', meta, '-')
if unnoted then note(now, hold) end
renewRegistration(worker, lease, now)
local out = { 'renewed' }
local claims = #ARGV > 1 and call('HMGET', held, unpack(ARGV, 2)) or {}
local scores = {}
for index = 1, #claims do
  if claims[index] then
    local deadline, member = string.match(claims[index], '^(%d+) (.*)$')
    deadline = tonumber(deadline or 0)
    local score = now + lease
    if deadline > 0 and deadline < score then score = deadline end
    if member then scores[#scores + 1], scores[#scores + 2] = digits(score), member end
  else
    out[#out + 1] = ARGV[index + 1]
  end
end
if #scores > 0 then call('ZADD', base .. 'leases', 'XX', unpack(scores)) end
return out
