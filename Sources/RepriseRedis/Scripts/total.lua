-- total: adds up what a page of closed runs count for their retention, see Parts/sweeping.lua. Writes nothing.
--
-- ARGV: index of the first run, limit
-- Reply: what the page counts; then what is another when runs were closed or removed, see Parts/marking.lua
local first = tonumber(ARGV[1])
local page = call('ZRANGE', base .. 'closed', first, first + ARGV[2] - 1)
local _, size = sweeping()
local sum = 0
for index = 1, #page do sum = sum + size(page[index]) end
return { digits(sum), closedMarks() }
