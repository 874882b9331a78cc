-- unregister: removes a worker and gives back what it holds, without counting a death.
--
-- ARGV: worker
-- Reply: 1 if there is more to give back: call again
local worker = ARGV[1]
local now = clock()
local held = base .. 'held:' .. worker
-- It takes nothing from now on, also if there is so much to give back that this takes several calls.
guarded(worker, leaving(), worker, now)
local claims = call('HRANDFIELD', held, 128, 'WITHVALUES')
for index = 1, #claims, 2 do guarded(claims[index + 1], handBack, worker, claims[index], claims[index + 1], now) end
return call('EXISTS', held)
