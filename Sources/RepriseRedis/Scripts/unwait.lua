-- unwait: takes a channel off a run's list of waiters, unless a later wait has put it there again: this call is sent when
-- a wait is over already, and may come after the next one began.
--
-- ARGV: run, channel, number of the last wait that is over
-- Reply: 1 if it was taken off
local key = base .. 'run:' .. ARGV[1]
local waiters = call('HGET', key, 'waiters')
if not waiters then return 0 end
local list, found = {}, 0
for token in string.gmatch(waiters, '%S+') do
  local name, number = string.match(token, '^%*?([^:]+):(%d+)$')
  if name == ARGV[2] and tonumber(number) <= tonumber(ARGV[3]) then found = 1 else list[#list + 1] = token end
end
if found == 0 then return 0 end
call('HDEL', key, 'waiters')
if #list > 0 then call('HSET', key, 'waiters', table.concat(list, ' ')) end
return 1
