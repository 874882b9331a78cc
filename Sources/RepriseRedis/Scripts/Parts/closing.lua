-- closing: the end of a run.

-- Moves runs that ended to the closed ones.
local function listClosed(runs)
  local refs, scores, kept = {}, {}, 0
  for index = 1, #runs do
    local run = runs[index]
    refs[index], scores[2 * index - 1], scores[2 * index] = run.ref, digits(run.time), run.ref
    kept = kept + run.bytes + bytesPerRun
  end
  for first = 1, #refs, 256 do
    local last = math.min(first + 255, #refs)
    call('ZREM', base .. 'open', unpack(refs, first, last))
    call('ZADD', base .. 'closed', unpack(scores, 2 * first - 1, 2 * last))
  end
  -- A count that can't be read begins anew.
  if type(redis.pcall('HINCRBY', meta, 'kept', kept)) == 'table' then call('HSET', meta, 'kept', kept) end
end

-- How many fields of operations this script has removed with the runs that it ended.
local removed = 0

-- Ends a run that is nowhere else any more, and whose last entry is written: cancels what is open and writes the end.
-- `result` is its output, its failure, or the reason why it was ended; `commit` is the commit that ended it, or nil.
-- What is too much for one script is left to claims, see clearing.lua: a closing turn of which pages are staged,
-- `isStaged`, such pages of a turn before, and more operations than `limit` fields. post() must follow. `run.removed` then
-- says how many fields its operations had, if they were removed.
local function close(run, state, result, commit, now, isStaged)
  local limit = 512
  local isTroubled = run.troubled or run.state == 'blocked'
  run.state, run.paused, run.closed = state, false, true
  local ops = base .. 'ops:' .. run.ref
  local count = call('HLEN', ops)
  if together and count > 0 then saveTogether() end
  isStaged = isStaged or run.staged
  run.staged = false
  local isLarge = isStaged or count > limit
  -- What no commit followed.
  if isLarge and not isStaged then call('UNLINK', base .. 'staged:' .. run.ref) end
  if isLarge then
    if count > 0 then call('RENAME', ops, base .. 'remains:' .. run.ref) end
    send('remains', run.ref)
  elseif count > 0 then
    local _, removeAll = effects()
    removeAll(run, ops, call('HKEYS', ops))
    call('UNLINK', ops)
    run.removed, removed = count, removed + count
  end
  if run.stuck > 0 then call('UNLINK', base .. 'stuck:' .. run.ref) end
  if run.parent and state ~= 'continuedAsNew' then send('ended', run.parent, state, result) end
  -- A claim that no commit ended is kept: a late release under it is answered as ever.
  local waiters, claim = run.waiters, commit and 'claim' or 'due'
  run.waiters = nil
  call('HDEL', run.key, claim, 'waiters')
  if isTroubled then
    call('HDEL', run.key, 'trouble', 'reason', 'worker', 'build', 'lastError', 'since', 'stuck', 'tried')
  end
  local ended = digits(run.time)
  if commit then save(run, 'closed', ended, 'commit', commit) else save(run, 'closed', ended) end
  -- A stream's first node is allocated whole; a copy has what it needs.
  if run.bytes < streamNodeBytes - 596 then
    local history = base .. 'history:' .. run.ref
    call('COPY', history, base .. 'compact', 'REPLACE')
    call('RENAME', base .. 'compact', history)
  end
  if together then
    table.insert(together.closed, run)
    if waiters then table.insert(together.told, { run, waiters }) end
  else
    listClosed({ run })
    if waiters then tellClosed(run, waiters) end
  end
end
