-- parking: tasks of types that the worker which drew them doesn't know.
-- parkedTypes:<queue> is a set of "w:<workflow type>" and "a:<activity name>": what is parked there. Each has a list.
--
-- Answers park(queue, kind, task) and takeBack(queue, workerKey, quiet, now); they are made only when they are needed.
-- meta counts the types that are parked anywhere, so that a claim need not look. Its "aside" is another after each change that
-- may have made a list of what is parked or suspect.
local function parking()
  -- How many workers one script looks at to find one that knows a type.
  local looks = 128

  local function parkedKey(queue, kind)
    return base .. 'parked:' .. #queue .. ':' .. queue .. ':' .. kind
  end

  -- Moves a task aside, and wakes an idle worker of the queue that knows its type.
  local function park(queue, kind, task)
    call('RPUSH', parkedKey(queue, kind), task)
    if call('SADD', base .. 'parkedTypes:' .. queue, kind) == 1 then
      call('HINCRBY', meta, 'parked', 1)
      call('HINCRBY', meta, 'aside', 1)
    end
    local letter = string.sub(kind, 1, 1)
    local idle = base .. 'idle:' .. letter .. ':' .. queue
    local workers = looks > 0 and call('SRANDMEMBER', idle, math.min(looks, 64)) or {}
    for index = 1, #workers do
      looks = looks - 1
      if call('HEXISTS', base .. 'worker:' .. workers[index], kind) == 1 then
        call('SREM', idle, workers[index])
        call('HDEL', base .. 'worker:' .. workers[index], 'idle:' .. letter)
        call('RPUSH', base .. 'inbox:' .. workers[index], letter)
        return
      end
    end
  end

  -- Takes up to 64 tasks of the types that a worker knows back to the front of the queue, in order. True if there is
  -- more. It looks at 64 types, whichever they are: what it misses is taken by a claim.
  local function takeBack(queue, workerKey, quiet, now)
    local set = base .. 'parkedTypes:' .. queue
    local kinds, left = call('SRANDMEMBER', set, 64), 64
    for index = 1, #kinds do
      local kind = kinds[index]
      if call('HEXISTS', workerKey, kind) == 1 then
        local list = parkedKey(queue, kind)
        local tasks = call('LRANGE', list, -left, -1)
        if #tasks > 0 then
          call('LTRIM', list, 0, -#tasks - 1)
          local letter = string.sub(kind, 1, 1)
          for position = #tasks, 1, -1 do push(letter, queue, tasks[position], true, true, now) end
          if not quiet then wake(letter, queue, now) end
        end
        left = left - #tasks
        if call('EXISTS', list) == 0 and call('SREM', set, kind) == 1 then call('HINCRBY', meta, 'parked', -1) end
        if left == 0 then return true end
      end
    end
    return false
  end

  return park, takeBack
end
