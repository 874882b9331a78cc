-- sweeping: removes closed runs that are not kept any longer, those that closed first before the others.
--
-- `retention` is "<age in ms> <count> <bytes>" of what is kept, each of them "-" for any; `budget` is "<runs> <bytes>": no
-- more is removed at once, but for one larger run, which goes alone. UNLINK leaves a stream of more than 64 nodes to
-- another thread; one of a few large entries is freed at once, at about 30 us for each MiB.
--
-- meta's field "kept" is how many bytes the closed runs count: each its history's and bytesPerRun.
--
-- Answers sweep(retention, budget, now), which answers how many runs and bytes it removed, and whether there is more; and
-- size(ref), what a closed run counts. Something that doesn't grow must be written before a sweep that is to pass at maxmemory.
local function sweeping()
  local closed = base .. 'closed'

  local function size(ref)
    local state = redis.pcall('HGET', base .. 'run:' .. ref, 'state')
    local length = type(state) == 'string' and string.match(state, '^%a+ %d+ %d+ %d+ %d+ (%d+)')
    return bytesPerRun + tonumber(length or 0)
  end

  -- A script of an earlier release may not have counted: what is wrong is right again when no closed run is left.
  local function saveKept(kept, count)
    if count == 0 or kept <= 0 then call('HDEL', meta, 'kept') else call('HSET', meta, 'kept', digits(kept)) end
  end

  local function sweep(retention, budget, now)
    local age, most, mostBytes = string.match(retention, '^(%S+) (%S+) (%S+)$')
    local oldest = now - (tonumber(age) or math.huge)
    most, mostBytes = tonumber(most) or math.huge, tonumber(mostBytes) or math.huge
    local left, leftBytes = string.match(budget, '^(%d+) (%d+)$')
    left, leftBytes = tonumber(left), tonumber(leftBytes)

    local count, kept = call('ZCARD', closed), tonumber(call('HGET', meta, 'kept') or '') or 0
    local function isOver(score)
      return score <= oldest or count > most or kept > mostBytes
    end
    local first = call('ZRANGE', closed, 0, 0, 'WITHSCORES')
    if #first == 0 or not isOver(tonumber(first[2])) then return 0, 0, false end

    local candidates = call('ZRANGE', closed, 0, left - 1, 'WITHSCORES')
    local runs, keys, ids, bytes = {}, {}, {}, 0
    local more = false
    for index = 1, #candidates, 2 do
      local ref = candidates[index]
      if not isOver(tonumber(candidates[index + 1])) then break end
      local length = size(ref)
      if bytes + length > leftBytes and #runs > 0 then
        more = true
        break
      end
      count, kept, bytes = count - 1, kept - length, bytes + length
      runs[#runs + 1] = ref
      keys[#keys + 1], keys[#keys + 2] = base .. 'run:' .. ref, base .. 'history:' .. ref
      ids[#ids + 1] = string.match(ref, '^%d+:(.*)$') or ref
      if #runs == left then
        local next = call('ZRANGE', closed, left, left, 'WITHSCORES')
        more = #next > 0 and isOver(tonumber(next[2]))
      end
    end

    call('ZREM', closed, unpack(runs))
    call('UNLINK', unpack(keys))
    local newest, forgotten = call('HMGET', base .. 'newest', unpack(ids)), {}
    for index = 1, #ids do
      if newest[index] and newest[index] .. ':' .. ids[index] == runs[index] then forgotten[#forgotten + 1] = ids[index] end
    end
    if #forgotten > 0 then call('HDEL', base .. 'newest', unpack(forgotten)) end
    saveKept(kept, count)
    return #runs, bytes, more
  end

  return sweep, size
end
