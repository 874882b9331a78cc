-- watch: notices outages. Workers claim or renew at least each third of a lease. If all were silent for more than
-- half a lease, Redis or the network was away and every lease seems to have expired; or the clock went back by as much, and
-- may have been ahead. Then expiry is suspended for one lease, so that the workers that still live renew first: for the
-- longest of those whose holders were silent for so long, too, whoever comes back first. Machines set their clocks back by
-- milliseconds all the time: that only makes what is due as much later.
--
-- meta: time = when a worker was heard last, hold = until when expiry is suspended, swept = when a claim last cleaned
-- up. The time is written each 50 ms at most, so that most calls of a busy fleet write nothing.

-- Writes what watch() noticed. Deleting first lets the script pass at maxmemory.
local function note(now, hold)
  call('HDEL', meta, '-')
  call('HSET', meta, 'time', now, 'hold', hold)
end

-- Renews a registration. What the worker was on trial for until now, it has survived.
local function renewRegistration(worker, lease, now)
  call('ZREMRANGEBYSCORE', base .. 'trials:' .. worker, '-inf', now)
  call('HSET', base .. 'worker:' .. worker, 'expires', now + lease)
  call('ZADD', base .. 'workers', now + lease, worker)
end

-- Answers whether expiry is suspended, until when, whether note() is to be called, and meta's "swept", "parked",
-- "suspects" and "outbox".
local function watch(lease, now)
  local seen = call('HMGET', meta, 'time', 'hold', 'swept', 'parked', 'suspects', 'outbox')
  local time, hold = tonumber(seen[1] or '') or -1, tonumber(seen[2] or '') or 0
  local unnoted = time < 0 or time > now or now - time > math.min(lease / 16, 50)
  local gap = math.abs(now - time)
  if time >= 0 and gap > lease / 2 then
    -- The last to expire have the longest leases.
    local workers = call('ZREVRANGE', base .. 'workers', 0, 31)
    for index = 1, #workers do
      local other = tonumber(call('HGET', base .. 'worker:' .. workers[index], 'lease') or '') or 0
      if gap > other / 2 then lease = math.max(lease, other) end
    end
    hold, unnoted = time > now and now + lease or math.max(hold, now + lease), true
  end
  return hold > now, hold, unnoted, tonumber(seen[3] or '') or 0, seen[4], seen[5], seen[6]
end
