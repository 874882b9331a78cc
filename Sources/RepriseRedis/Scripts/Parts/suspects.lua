-- suspects: tasks with deaths, see Backend.claim(_:). One of them may kill workers, and must not take the others with it: a
-- worker takes the next when it has held the last for its share of a third of a lease. Those that it draws before wait in
-- suspects:<kind>:<queue>, or in finals:<kind>:<queue> if the next death blocks them, from which claims take first. meta
-- counts them, so that a claim need not look.
--
-- The record of a worker: "suspect" = "<nonce> <until> <share>" of the suspect that it took last; "final" = the nonce of the
-- last one that the next death blocks. trials:<worker> is a sorted set of the nonces of its suspects; score: when the trial
-- ends, if the worker renews its registration then or later. A task may be over and still be there.
--
-- Answers admit(kind, task, nonce, isFinal), take(kind) and finish(); they are made only when they are needed.
local function suspecting(worker, queue, lease, suspect, final, now)
  local key, held = base .. 'worker:' .. worker, base .. 'held:' .. worker
  local newest, till, share = string.match(suspect or '', '^(%S+) (%d+) (%d+)$')
  till, share = tonumber(till), tonumber(share)
  local isBusy = newest and till > now and call('HEXISTS', held, newest) == 1
  local holdsFinal = final and call('HEXISTS', held, final) == 1
  local taken, isTakenFinal
  local left = {}

  local function list(kind, isFinal)
    return base .. (isFinal and 'finals:' or 'suspects:') .. kind .. ':' .. queue
  end

  local function isLeft(kind)
    return call('EXISTS', list(kind, false), list(kind, true)) > 0
  end

  -- Whether the worker takes a suspect that it drew; if not, it was moved aside.
  local function admit(kind, task, nonce, isFinal)
    if isBusy or isFinal and holdsFinal then
      call('RPUSH', list(kind, isFinal), task)
      call('HINCRBY', meta, 'suspects', 1)
      left[kind] = true
      return false
    end
    isBusy, taken, isTakenFinal = true, nonce, isFinal
    call('ZADD', base .. 'trials:' .. worker, now + lease, nonce)
    return true
  end

  -- A suspect that was moved aside before, if the worker may take one.
  local function take(kind)
    if isBusy then return nil end
    local task = call('LPOP', list(kind, false)) or not holdsFinal and call('LPOP', list(kind, true))
    if not task then return nil end
    call('HINCRBY', meta, 'suspects', -1)
    left[kind] = isLeft(kind)
    return task
  end

  -- Writes down what was taken, and wakes another worker for what is left. Answers when this one may take the next, if it
  -- has to wait for that.
  local function finish()
    if taken then
      local waiting = tonumber(call('HGET', meta, 'suspects') or 0)
      local part = math.max(math.floor(lease / 3 / (waiting + 1)), 20)
      share = waiting > 0 and share and math.min(part, share) or part
      till = now + (isTakenFinal and lease or share)
      call('HSET', key, 'suspect', taken .. ' ' .. till .. ' ' .. share)
      if isTakenFinal then call('HSET', key, 'final', taken) end
    end
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
    return isBusy and (isLeft('w') or isLeft('a')) and till or nil
  end

  return admit, take, finish
end
