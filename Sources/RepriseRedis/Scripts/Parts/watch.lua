-- watch: notices outages. Workers claim or renew at least each third of a lease. If all were silent for more than half a
-- lease, or the clock went back, Redis or the network was away and every lease seems to have expired; then expiry is
-- suspended for one lease, so that the workers that still live renew first.
--
-- meta: time = when a worker was heard last, hold = until when expiry is suspended, swept = when a claim last cleaned up.
-- The time is written each 50 ms at most, so that most calls of a busy fleet write nothing.
--
-- Answers whether expiry is suspended, and a function that writes what was noticed.
local function watch(lease, now)
  local seen = call('HMGET', base .. 'meta', 'time', 'hold', 'swept')
  local time, hold = tonumber(seen[1] or -1), tonumber(seen[2] or 0)
  local swept = tonumber(seen[3] or 0)
  local update
  if time >= 0 and (time > now or now - time > lease / 2) then
    hold = now + lease
    update = true
  elseif time < 0 or now - time > math.min(lease / 16, 50) then
    update = true
  end
  return hold > now, hold, swept, function()
    if not update then return end
    -- Deleting first lets the script pass at maxmemory.
    call('HDEL', base .. 'meta', '-')
    call('HSET', base .. 'meta', 'time', now, 'hold', hold)
  end
end
