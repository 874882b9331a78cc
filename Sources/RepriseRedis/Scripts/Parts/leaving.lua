-- leaving: the end of a worker. Answers forget(worker, now) and leave(worker, now).
--
-- The record of a worker that gives back what it holds in several calls has the field "leaving": it takes nothing more, and if it
-- ends before the last of them, that is no death.
local function leaving()
  -- Wakes a worker for what is left in a queue: whoever leaves work behind wakes the next.
  local function passOn(queue, now)
    if call('LLEN', base .. 'queue:w:' .. queue) > 0 then wake('w', queue, now) end
    if call('LLEN', base .. 'queue:a:' .. queue) > 0 then wake('a', queue, now) end
  end

  -- Forgets a worker that holds nothing and is not to be woken; somebody else gets the wake-up that it may have had.
  local function forget(worker, now)
    local key = base .. 'worker:' .. worker
    local queue = call('HGET', key, 'queue')
    call('ZREM', base .. 'workers', worker)
    call('DEL', key, base .. 'inbox:' .. worker, base .. 'trials:' .. worker)
    if queue then
      call('SREM', base .. 'idle:w:' .. queue, worker)
      call('SREM', base .. 'idle:a:' .. queue, worker)
      passOn(queue, now)
    end
  end

  -- Has a worker take nothing from now on.
  local function leave(worker, now)
    local key = base .. 'worker:' .. worker
    local queue = call('HGET', key, 'queue')
    if not queue then return end
    call('SREM', base .. 'idle:w:' .. queue, worker)
    call('SREM', base .. 'idle:a:' .. queue, worker)
    call('HDEL', key, 'idle:w', 'idle:a')
    call('HSET', key, 'leaving', 1, 'expires', now)
    call('ZADD', base .. 'workers', now, worker)
  end

  return forget, leave
end
