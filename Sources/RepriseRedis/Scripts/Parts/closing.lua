-- closing: the end of a run.

-- Ends a run that is nowhere else any more, and whose last entry is written: cancels what is open and writes the end.
-- `result` is its output, its failure, or the reason why it was ended; `commit` is the commit that ended it, or nil.
-- What is too much for one script is left to claims, see clearing.lua: a closing turn of which pages are staged,
-- `isStaged`, and more operations than `limit` fields. post() must follow. `run.removed` then says how many fields its
-- operations had, if they were removed.
local function close(run, state, result, commit, now, isStaged)
  local limit = 512
  run.state, run.paused = state, false
  local ops = base .. 'ops:' .. run.ref
  local count = call('HLEN', ops)
  local isLarge = isStaged or count > limit
  if run.staged or isLarge and not isStaged then
    -- Also what no commit followed.
    call('UNLINK', base .. 'staged:' .. run.ref)
    run.staged = false
  end
  if isLarge then
    if count > 0 then call('RENAME', ops, base .. 'remains:' .. run.ref) end
    send('remains', run.ref)
  elseif count > 0 then
    local _, removeAll = effects()
    removeAll(run, ops, call('HKEYS', ops))
    call('UNLINK', ops)
    run.removed = count
  end
  if run.stuck > 0 then call('UNLINK', base .. 'stuck:' .. run.ref) end
  if run.parent and state ~= 'continuedAsNew' then send('ended', run.parent, state, result) end
  call('ZREM', base .. 'open', run.ref)
  call('ZADD', base .. 'closed', run.time, run.ref)
  -- A count that can't be read begins anew.
  local kept = run.bytes + bytesPerRun
  if type(redis.pcall('HINCRBY', meta, 'kept', kept)) == 'table' then call('HSET', meta, 'kept', kept) end
  -- A claim that no commit ended is kept: a late release under it is answered as ever.
  call('HDEL', run.key, 'trouble', 'reason', 'worker', 'build', 'lastError', 'since', 'stuck',
    commit and 'claim' or 'due')
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
