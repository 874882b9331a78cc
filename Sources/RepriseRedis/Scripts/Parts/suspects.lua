-- suspects: tasks that the next death blocks, because the last workers that held them died. One of them may kill workers,
-- and must not take the others with it: a worker holds one suspect at a time. Those that it draws besides wait in
-- suspects:<kind>:<queue>, from which claims of workers that hold none take first. meta counts them, so that a claim
-- need not look. (Not from the first death on: it would make all that a lost worker held run one by one.)
--
-- Answers admit(kind, task, nonce), take(kind) and finish(); they are made only when they are needed. `suspect` is the
-- nonce of the last suspect that the worker took.
local function suspecting(worker, queue, suspect)
  local holds = suspect and call('HEXISTS', base .. 'held:' .. worker, suspect) == 1
  local left = {}

  local function list(kind)
    return base .. 'suspects:' .. kind .. ':' .. queue
  end

  -- Whether the worker takes a suspect that it drew; if not, it was moved aside.
  local function admit(kind, task, nonce)
    if holds then
      call('RPUSH', list(kind), task)
      call('HINCRBY', meta, 'suspects', 1)
      left[kind] = true
      return false
    end
    holds = true
    call('HSET', base .. 'worker:' .. worker, 'suspect', nonce)
    return true
  end

  -- A suspect that was moved aside before, if the worker may take one.
  local function take(kind)
    local task = not holds and call('LPOP', list(kind))
    if not task then return nil end
    call('HINCRBY', meta, 'suspects', -1)
    left[kind] = call('EXISTS', list(kind)) == 1
    return task
  end

  -- Wakes another worker for what is left.
  local function finish()
    for kind in pairs(left) do
      local idle = base .. 'idle:' .. kind .. ':' .. queue
      local workers = left[kind] and call('SRANDMEMBER', idle, 8) or {}
      for index = 1, #workers do
        if workers[index] ~= worker then
          call('SREM', idle, workers[index])
          call('HDEL', base .. 'worker:' .. workers[index], 'idle:' .. kind)
          call('RPUSH', base .. 'inbox:' .. workers[index], kind)
          break
        end
      end
    end
  end

  return admit, take, finish
end
