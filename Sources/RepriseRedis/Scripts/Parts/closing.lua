-- closing: the end of a run.

-- Ends a run that is nowhere else any more, and whose last entry is written: cancels what is open and writes the end.
-- `result` is its output, its failure, or the reason why it was ended; `commit` is the commit that ended it, or nil.
-- post() must follow. `run.removed` then says how many fields its operations had, if any.
local function close(run, state, result, commit, now)
  run.state, run.paused = state, false
  if run.staged then
    call('UNLINK', base .. 'staged:' .. run.ref)
    run.staged = false
  end
  local ops = base .. 'ops:' .. run.ref
  local open = call('HKEYS', ops)
  if #open > 0 then
    local _, removeAll = effects()
    removeAll(run, ops, open)
    call('UNLINK', ops)
    run.removed = #open
  end
  if run.parent and state ~= 'continuedAsNew' then send('ended', run.parent, state, result) end
  call('ZREM', base .. 'open', run.ref)
  call('ZADD', base .. 'closed', run.time, run.ref)
  -- A claim that no commit ended is kept: a late release under it is answered as ever.
  call('HDEL', run.key, 'trouble', 'reason', 'build', 'stuckReason', 'stuckBuild', commit and 'claim' or 'due')
  local waiters = run.waiters
  run.waiters = nil
  if commit then save(run, 'closed', run.time, 'commit', commit) else save(run, 'closed', run.time) end
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
