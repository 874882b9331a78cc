-- suspects: tasks with deaths, see Backend.claim(_:). One of them may kill workers, and must not take the others with it: a
-- worker takes the next when it has held the last for its share of a third of a lease, or for a lease if the next death
-- blocks that. Those that it draws before wait in suspects:<kind>:<queue>, from which claims take first. meta counts them, so
-- that a claim need not look.
--
-- The record of a worker: "suspect" = "<nonce> <until> <share>" of the suspect that it took last, and " f" if the next death
-- blocks that. trials:<worker> is a sorted set of the nonces of its suspects; score: when the trial ends, if the worker renews its leases or takes a suspect then or
-- later. A task may be over and still be there.
--
-- Answers admit(kind, task, nonce, isFinal), take(kind) and finish(); they are made only when they are needed.
local function suspecting(worker, queue, lease, suspect, now)
  local trials = base .. 'trials:' .. worker
  local newest, till, share = string.match(suspect or '', '^(%S+) (%d+) (%d+)')
  till, share = tonumber(till), tonumber(share)
  local isBusy = newest and till > now and call('HEXISTS', base .. 'held:' .. worker, newest) == 1
  local taken, isTakenFinal
  local left = {}

  local function list(kind)
    return base .. 'suspects:' .. kind .. ':' .. queue
  end

  local function isLeft(kind)
    return call('EXISTS', list(kind)) == 1
  end

  -- Whether the worker takes a suspect that it drew, which the next death blocks if it is final; if not, it was moved aside.
  local function admit(kind, task, nonce, isFinal)
    if isBusy then
      call('RPUSH', list(kind), task)
      call('HINCRBY', meta, 'suspects', 1)
      call('HINCRBY', meta, 'aside', 1)
      left[kind] = true
      return false
    end
    isBusy, taken, isTakenFinal = true, nonce, isFinal
    call('ZREMRANGEBYSCORE', trials, '-inf', now)
    call('ZADD', trials, now + lease, nonce)
    return true
  end

  -- A suspect that was moved aside before, if the worker may take one.
  local function take(kind)
    local task = not isBusy and call('LPOP', list(kind))
    if not task then return nil end
    call('HINCRBY', meta, 'suspects', -1)
    left[kind] = isLeft(kind)
    return task
  end

  -- Writes down what was taken, and wakes another worker for what is left. Answers when this one may take the next, if it
  -- has to wait for that.
  local function finish()
    if taken then
      local waiting = math.max(tonumber(call('HGET', meta, 'suspects') or 0), 0)
      local part = math.max(math.floor(lease / 3 / (waiting + 1)), 20)
      share = waiting > 0 and share and math.min(part, share) or part
      till = now + (isTakenFinal and lease or share)
      call('HSET', base .. 'worker:' .. worker, 'suspect', taken .. ' ' .. till .. ' ' .. share .. (isTakenFinal and ' f' or ''))
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
