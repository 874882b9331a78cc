-- wait: puts a channel on a run's list of waiters, unless the run is closed, and reads where it is.
--
-- ARGV: run, channel, "1" to hear of every change and "0" to hear of the end, number of the wait (rising per channel)
-- Reply: as describe; or an error if a thousand others wait
-- Checks first: that the run exists and is open. The HDEL lets it pass at maxmemory.
local ref, channel, every, wait = ARGV[1], ARGV[2], ARGV[3] == '1', tonumber(ARGV[4])
local answer = describe(ref)
if not answer then return {} end
local key = base .. 'run:' .. ref
local fields = call('HMGET', key, 'state', 'waiters')
if not closedStates[string.match(fields[1], '^%a+')] then
  local list, isKnown = {}, false
  local names = {}
  for name in string.gmatch(fields[2] or '', '%*?([^:%s]+):') do names[#names + 1] = base .. 'replies:' .. name end
  -- A client that died takes itself off no list: a run that many wait for, one after the other, would keep them all.
  local listeners = {}
  if #names >= 16 then
    local counts = call('PUBSUB', 'NUMSUB', unpack(names))
    for index = 1, #counts, 2 do listeners[counts[index]] = counts[index + 1] end
  end
  for token in string.gmatch(fields[2] or '', '%S+') do
    local star, name, number = string.match(token, '^(%*?)([^:]+):(%d+)$')
    if name == channel then
      every = every or star == '*'
      wait = math.max(wait, tonumber(number))
      isKnown = token == (every and '*' or '') .. channel .. ':' .. wait
    elseif listeners[base .. 'replies:' .. name] ~= 0 then
      list[#list + 1] = token
    end
  end
  if not isKnown then
    if #list >= 1024 then return redis.error_reply('TRYAGAIN too many processes wait for run ' .. ref) end
    list[#list + 1] = (every and '*' or '') .. channel .. ':' .. wait
    call('HDEL', key, 'waiters')
    call('HSET', key, 'waiters', table.concat(list, ' '))
  end
end
return answer
