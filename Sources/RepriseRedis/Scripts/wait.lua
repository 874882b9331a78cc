-- wait: puts a channel on a run's list of waiters, unless the run is closed, and reads where it is.
--
-- ARGV: run, channel, "1" to hear of every change and "0" to hear of the end
-- Reply: as describe
-- Checks first: that the run exists and is open. The HDEL lets it pass at maxmemory.
local ref, channel, every = ARGV[1], ARGV[2], ARGV[3] == '1'
local answer = describe(ref)
if not answer then return {} end
local key = base .. 'run:' .. ref
local fields = call('HMGET', key, 'state', 'waiters')
if not string.find(fields[1], '^completed ') and not string.find(fields[1], '^failed ') then
  local waiters = ' ' .. (fields[2] or '') .. ' '
  local all = string.find(waiters, ' *' .. channel .. ' ', 1, true)
  local some = string.find(waiters, ' ' .. channel .. ' ', 1, true)
  if not all and (every or not some) then
    local list = { every and '*' .. channel or channel }
    for token in string.gmatch(waiters, '%S+') do
      if token ~= channel then list[#list + 1] = token end
    end
    call('HDEL', key, 'waiters')
    call('HSET', key, 'waiters', table.concat(list, ' '))
  end
end
return answer
