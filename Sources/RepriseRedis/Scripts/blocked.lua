-- blocked: lists blocked runs, those first that have been for longest. Writes nothing.
--
-- ARGV: the time after which they were blocked ('' = all), limit
-- Reply: for each run what describing.lua tells of it
-- A page ends with a whole millisecond: so the next one can begin after it.
local blocked, limit = base .. 'blocked', tonumber(ARGV[2])
local page = call('ZRANGEBYSCORE', blocked, ARGV[1] == '' and '-inf' or '(' .. ARGV[1], '+inf', 'LIMIT', 0, limit)
if #page == limit then
  local last = call('ZSCORE', blocked, page[limit])
  local listed = {}
  for index = 1, limit do listed[page[index]] = true end
  local others = call('ZRANGEBYSCORE', blocked, last, last)
  for index = 1, #others do
    if not listed[others[index]] then page[#page + 1] = others[index] end
  end
end
local out = {}
for index = 1, #page do out[#out + 1] = describe(page[index]) end
return out
