-- wait: puts a channel on a run's list of waiters, unless the run is closed, and reads where it is.
--
-- ARGV: run, channel, the wait's id, "1" to hear of every change and "0" to hear of the end
-- Reply: as describe
-- Checks first: that the run exists and is open. The HDEL lets it pass at maxmemory.
local ref, channel, id, every = ARGV[1], ARGV[2], tonumber(ARGV[3]), ARGV[4] == '1'
local answer = describe(ref)
if not answer then return {} end
local key = base .. 'run:' .. ref
local fields = call('HMGET', key, 'state', 'waiters')
if not string.find(fields[1], '^completed ') and not string.find(fields[1], '^failed ') then
  local list = {}
  for token in string.gmatch(fields[2] or '', '%S+') do
    local mark, name, other = string.match(token, '^(%*?)([^:]+):(%d+)$')
    if name == channel then
      every, id = every or mark == '*', math.max(id, tonumber(other))
    else
      list[#list + 1] = token
    end
  end
  list[#list + 1] = (every and '*' or '') .. channel .. ':' .. string.format('%d', id)
  call('HDEL', key, 'waiters')
  call('HSET', key, 'waiters', table.concat(list, ' '))
end
return answer
