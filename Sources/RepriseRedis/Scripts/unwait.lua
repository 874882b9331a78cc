-- unwait: takes a channel off a run's list of waiters.
--
-- ARGV: run, channel
-- Reply: 1 if it was on the list
local key = base .. 'run:' .. ARGV[1]
local waiters = call('HGET', key, 'waiters')
if not waiters then return 0 end
local list, found = {}, 0
for token in string.gmatch(waiters, '%S+') do
  if token == ARGV[2] or token == '*' .. ARGV[2] then found = 1 else list[#list + 1] = token end
end
if found == 0 then return 0 end
call('HDEL', key, 'waiters')
if #list > 0 then call('HSET', key, 'waiters', table.concat(list, ' ')) end
return 1
