-- queues: tasks for workers, and their wake-ups.
--
-- Making a function costs Redis' Lua about 0.1 us at each call of a script, so a script brings only the parts that it
-- uses, and what is rarely used is made by a function that answers functions.

-- Wakes one idle worker of a queue: kind 'w' for workflow tasks, 'a' for activities. Workers whose registration
-- lapsed are dropped from the set.
local function wake(kind, queue, now)
  local idle = base .. 'idle:' .. kind .. ':' .. queue
  for _ = 1, 8 do
    local worker = call('SPOP', idle)
    if not worker then return false end
    local key = base .. 'worker:' .. worker
    local expires = call('HGET', key, 'expires')
    if expires and tonumber(expires) > now then
      call('HDEL', key, 'idle:' .. kind)
      call('RPUSH', base .. 'inbox:' .. worker, kind)
      return true
    end
  end
  return false
end

-- Puts a task into a queue, at the front if it was there before. `quiet`: the caller claims from this queue right
-- after.
local function push(kind, queue, task, front, quiet, now)
  if together and together.queue == queue and not front then
    table.insert(together[kind], task)
    return
  end
  call(front and 'LPUSH' or 'RPUSH', base .. 'queue:' .. kind .. ':' .. queue, task)
  if not quiet then wake(kind, queue, now) end
end
