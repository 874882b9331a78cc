-- total: adds up what a page of closed runs count for their retention, see Parts/sweeping.lua. Writes nothing.
--
-- ARGV: index of the first run, limit
-- Reply: what the page counts; then what is another when runs were closed or removed: what meta says of all, how many there
--   are, the oldest and the newest
local closed = base .. 'closed'
local first = tonumber(ARGV[1])
local page = call('ZRANGE', closed, first, first + ARGV[2] - 1)
local sum = 0
for index = 1, #page do
  local state = call('HGET', base .. 'run:' .. page[index], 'state')
  sum = sum + bytesPerRun + tonumber(state and string.match(state, '^%a+ %d+ %d+ %d+ %d+ (%d+)') or 0)
end
return {
  digits(sum), call('HGET', meta, 'kept') or '0', call('ZCARD', closed), call('ZRANGE', closed, 0, 0)[1] or '',
  call('ZRANGE', closed, -1, -1)[1] or '',
}
