-- recover: gives back what a worker holds and doesn't know of, because a reply was lost. It counts no death. A bounded part:
-- call again while the reply is "more".
--
-- ARGV: worker, "0" or where the call before got to, nonces that the worker knows of...
-- Reply: "done", or "more" and where to go on
local worker = ARGV[1]
local known = {}
for index = 3, #ARGV do known[ARGV[index]] = true end
local now = clock()
local found = call('HSCAN', base .. 'held:' .. worker, ARGV[2], 'COUNT', 128)
local claims = found[2]
local left = 128
for index = 1, #claims, 2 do
  if not known[claims[index]] then
    -- Of a small hash all come at once.
    if left == 0 then return { 'more', ARGV[2] } end
    guarded(claims[index + 1], handBack, worker, claims[index], claims[index + 1], now)
    left = left - 1
  end
end
if found[1] == '0' then return { 'done' } end
return { 'more', found[1] }
