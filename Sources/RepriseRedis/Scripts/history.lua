-- history: reads a part of a run's history. Writes nothing.
--
-- ARGV: run, the entry before the first, limit, limit of bytes
-- Reply: the number of the first entry, then kind and value of each; empty if there is no such run
local ref, after, limit, bytes = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local last = call('HGET', base .. 'run:' .. ref, 'state')
if not last then return {} end
last = tonumber(string.match(last, '^%a+ (%d+)'))
local out = { after + 1 }
readHistory(ref, after, last, limit, bytes, out)
return out
