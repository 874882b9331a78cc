-- recover: gives back what a worker holds and doesn't know of, because a reply was lost. It counts no death.
--
-- ARGV: worker, nonces that it knows of...
-- Reply: how many were given back
-- A worker holds no more than its slots, so this is bounded by what it asked for.
local worker = ARGV[1]
local known = {}
for index = 2, #ARGV do known[ARGV[index]] = true end
local now = clock()
local claims = call('HGETALL', base .. 'held:' .. worker)
local count = 0
for index = 1, #claims, 2 do
  if not known[claims[index]] then
    guarded(claims[index + 1], handBack, worker, claims[index], claims[index + 1], now)
    count = count + 1
  end
end
return count
