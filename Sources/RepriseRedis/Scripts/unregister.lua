-- unregister: removes a worker and gives back what it holds, without counting a death.
--
-- ARGV: worker
-- Reply: 1 if there is more to give back: call again
local worker = ARGV[1]
local now = clock()
local held = base .. 'held:' .. worker
local forget, leave = leaving()
guarded(worker, leave, worker, now)
local claims = call('HRANDFIELD', held, 128, 'WITHVALUES')
for index = 1, #claims, 2 do guarded(claims[index + 1], handBack, worker, claims[index], claims[index + 1], now) end
if call('EXISTS', held) == 1 then return 1 end
guarded(worker, forget, worker, now)
return 0
