-- ending: ends an open run from outside. Answers terminate(run, reason, now) and requestCancel(run, reason, quiet, now);
-- they are made only when they are needed. Both answer false if the history refuses the entry, and have written nothing.
--
-- A run's field "cancel" says that it was asked to end.
local function ending()
  -- Ends a run, wherever it is.
  local function terminate(run, reason, now)
    if not append(run, 'terminated', 0, reason, now) then return false end
    withdraw(run)
    close(run, 'terminated', reason, nil, now)
    return true
  end

  -- Asks a run to end, once. One that has not started ends at once.
  local function requestCancel(run, reason, quiet, now)
    local fields = call('HMGET', run.key, 'cancel', 'started')
    if fields[1] then return true end
    if not append(run, 'cancelRequested', 0, reason, now) then return false end
    call('HSET', run.key, 'cancel', 1)
    if fields[2] then
      arrived(run, quiet, now)
      save(run)
    else
      withdraw(run)
      close(run, 'cancelled', reason, nil, now)
    end
    return true
  end

  return terminate, requestCancel
end
