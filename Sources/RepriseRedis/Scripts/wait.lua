-- wait: puts a channel on a run's list of waiters, unless the run is closed, and reads where it is.
--
-- ARGV: run, channel, "1" to hear of every change and "0" to hear of the end, number of the wait (rising per channel)
-- Reply: as describe
-- Checks first: that the run exists and is open. The HDEL lets it pass at maxmemory.
local ref, channel, every, wait = ARGV[1], ARGV[2], ARGV[3] == '1', tonumber(ARGV[4])
local answer = describe(ref)
if not answer then return {} end
local key = base .. 'run:' .. ref
local fields = call('HMGET', key, 'state', 'waiters')
if not string.find(closedStates, string.match(fields[1], '^%a+'), 1, true) then
  local list, isKnown = {}, false
  for token in string.gmatch(fields[2] or '', '%S+') do
    local star, name, number = string.match(token, '^(%*?)([^:]+):(%d+)$')
    if name == channel then
      every = every or star == '*'
      wait = math.max(wait, tonumber(number))
      isKnown = token == (every and '*' or '') .. channel .. ':' .. wait
    else
      list[#list + 1] = token
    end
  end
  if not isKnown then
    list[#list + 1] = (every and '*' or '') .. channel .. ':' .. wait
    call('HDEL', key, 'waiters')
    call('HSET', key, 'waiters', table.concat(list, ' '))
  end
end
return answer
