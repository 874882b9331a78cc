-- closing: the end of a run.

-- Cancels what is open and writes the end. `run.state` is the closing state.
local function close(run, commit, now)
  local ops = base .. 'ops:' .. run.ref
  local open = call('HKEYS', ops)
  if #open > 0 then
    local _, removeAll = effects()
    removeAll(run, ops, open)
    call('UNLINK', ops)
  end
  call('ZREM', base .. 'open', run.ref)
  call('ZADD', base .. 'closed', run.time, run.ref)
  call('HDEL', run.key, 'claim', 'trouble', 'reason', 'build', 'stuckReason', 'stuckBuild')
  local waiters = run.waiters
  run.waiters = nil
  save(run, 'closed', run.time, 'commit', commit)
  -- A stream's first node is allocated with 4 kB; a copy has what it needs.
  if run.bytes < 3500 then
    local history = base .. 'history:' .. run.ref
    call('COPY', history, base .. 'compact', 'REPLACE')
    call('RENAME', base .. 'compact', history)
  end
  if waiters then
    tellClosed(run, waiters)
    call('HDEL', run.key, 'waiters')
  end
end
