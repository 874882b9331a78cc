-- check_runs: a run by its hash, without its operations.
local openStates = ' idle queued leased delayed paused blocked '

local function checkHistory(run)
  local history = base .. 'history:' .. run.ref
  local length = call('XLEN', history)
  if length ~= run.last then
    damaged(run, 'a history has all entries', run.last .. ' counted, ' .. length .. ' found')
    return
  end
  local later = call('XRANGE', history, run.last .. '-1', '+', 'COUNT', 1)[1]
  if later then damaged(run, 'entries are numbered without a gap', later[1]) end
  -- Reading the newest entry of a long history could take its time.
  if not later and run.bytes < 65536 then
    local newest = call('XREVRANGE', history, '+', '-', 'COUNT', 1)[1]
    if newest and newest[1] ~= run.last .. '-0' then
      damaged(run, 'entries are numbered without a gap', newest[1])
    elseif newest then
      local time = string.match(newest[2][2], '^%d+')
      if time ~= digits(run.time) then
        violation('a run knows the time of its newest entry', newest[2][2], 'tells it', function()
          run.time = tonumber(time)
          save(run)
        end)
      end
    end
  end
  if run.through > run.arrival or run.arrival > run.last then
    damaged(run, 'through <= last arrival <= last entry', run.through .. ', ' .. run.arrival .. ', ' .. run.last)
  end
end

-- The list of the open runs, or of the closed ones.
local function checkListing(run)
  local inOpen, inClosed = score('open', run.ref), score('closed', run.ref)
  local own, other, field = 'open', 'closed', 'started'
  if run.closed then own, other, field = other, own, 'closed' end
  if run.closed and (inOpen or not inClosed) or not run.closed and (inClosed or not inOpen) then
    violation('a run is on the list of its kind, open or closed, alone', run.state, 'puts it there', function()
      call('ZREM', base .. other, run.ref)
      call('ZADD', base .. own, 'NX', call('HGET', run.key, field) or run.time, run.ref)
    end)
  end
end

-- Runs that continued as new name the next one, which knows the one before it and the first.
local function checkRow(run, number, id)
  local newest = tonumber(call('HGET', base .. 'newest', id) or '')
  -- Retention may have removed the newest before one that closed in the same millisecond.
  if newest and newest < tonumber(number) or not newest and not run.closed then
    violation('the newest run of an id is known', newest, 'names this one',
      function() call('HSET', base .. 'newest', id, number) end)
  end
  local own = call('HMGET', run.key, 'next', 'first')
  if (run.state == 'continuedAsNew') ~= (own[1] ~= false) then
    local fix
    if own[1] then fix = function() call('HDEL', run.key, 'next') end end
    violation('a run that continued as new names the next, and no other does', run.state .. ' ' .. tostring(own[1]),
      fix and 'takes the name away' or 'none is needed: who looks for the run in which it went on finds the newest', fix)
  end
  local nextKey = base .. 'run:' .. (own[1] or '') .. ':' .. id
  local next = call('HMGET', nextKey, 'previous', 'first')
  if own[1] and next[1] and (next[1] ~= number or next[2] ~= (own[2] or number)) then
    violation('a run is in one row with the next', next[1] .. ', ' .. tostring(next[2]), 'tells the next one',
      function() call('HSET', nextKey, 'previous', number, 'first', own[2] or number) end)
  end
end

-- The claim of a run, its own timer, and the lists of blocked runs.
local function checkPlace(run)
  local ref, state = run.ref, run.state
  if state ~= 'leased' and score('leases', 'w:' .. ref) then
    violation('only what is leased has a lease', 'a lease in state ' .. state, 'removes it',
      function() call('ZREM', base .. 'leases', 'w:' .. ref) end)
  end
  local turn, start = score('timers', 'd:' .. ref), score('timers', 's:' .. ref)
  if state == 'delayed' then
    local fields = call('HMGET', run.key, 'due', 'started')
    local due = tonumber(fields[1] or '')
    if (turn and 1 or 0) + (start and 1 or 0) ~= 1 or (turn or start) ~= due then
      violation('a delayed run has one timer', (turn or 'none') .. ', ' .. (start or 'none'), 'sets it', function(now)
        due = digits(due or now)
        call('ZREM', base .. 'timers', 'd:' .. ref, 's:' .. ref)
        call('ZADD', base .. 'timers', due, (fields[2] and 'd:' or 's:') .. ref)
        call('HSET', run.key, 'due', due)
      end)
    end
  elseif turn or start then
    violation('only a delayed run has a timer of its own', state, 'removes it',
      function() call('ZREM', base .. 'timers', 'd:' .. ref, 's:' .. ref) end)
  end
  local blocked = score('blocked', ref)
  if state == 'blocked' then
    local fields = call('HMGET', run.key, 'tried', 'reason')
    local set, member = blockedKey(run.queue, run.type), triedPrefix(fields[1] or '') .. ref
    if not blocked or not call('ZSCORE', set, member) then
      violation('a blocked run is on the lists of the blocked ones', 'it is not', 'puts it there', function(now)
        call('ZADD', base .. 'blocked', 'NX', now, ref)
        call('ZADD', set, 0, member)
      end)
    end
    if not fields[2] then
      violation('a blocked run has a reason', 'none', 'says that it is lost',
        function() call('HSET', run.key, 'reason', 'the reason is lost') end)
    end
  elseif blocked then
    violation('only a blocked run is on the list of the blocked ones', state, 'removes it',
      function() call('ZREM', base .. 'blocked', ref) end)
  end
end

-- Effects of a large turn that are not applied yet.
local function checkStaged(run)
  local staged = base .. 'staged:' .. run.ref
  if run.staged and run.state ~= 'queued' and run.state ~= 'blocked' then
    violation('a run whose effects are staged is queued for them', run.state, 'queues it', function(now)
      if run.closed then run.staged = false else
        withdraw(run)
        settle(run, false, false, now)
      end
      save(run)
    end)
  end
  local lifetime = call('TTL', staged)
  if run.closed or run.staged == (lifetime == -1) then return end
  local invariant = 'effects are staged for good if their turn is recorded, and only then'
  if run.staged and lifetime == -2 then
    damaged(run, invariant, 'the effects are lost')
  elseif run.staged then
    violation(invariant, 'they go away', 'keeps them', function() call('PERSIST', staged) end)
  else
    -- The nonce, which is no packed table, is first until the turn is recorded.
    local isRecorded = string.byte(call('LINDEX', staged, 0) or 'n') > 127
    violation(invariant, isRecorded and 'the run does not know of them' or 'they stay',
      isRecorded and 'tells the run' or 'lets them go away', function(now)
        if not isRecorded then return call('EXPIRE', staged, 600) end
        run.staged = true
        withdraw(run)
        settle(run, false, false, now)
        save(run)
      end)
  end
end

-- A run is where its history and its marks say.
local function checkState(run)
  local state = run.state
  local function settled(now)
    settle(run, false, false, now)
    save(run)
  end
  if run.paused and (run.closed or state == 'idle' or state == 'queued' and not run.staged) then
    violation('a run that is not to be moved rests as paused', state, 'lets it rest', function(now)
      if not run.closed then return settled(now) end
      run.paused = false
      save(run)
    end)
  elseif state == 'paused' and not run.paused then
    violation('a paused run waits to be resumed', 'it does not', 'lets it wait', function()
      run.paused = true
      save(run)
    end)
  end
  if state == 'idle' and run.arrival > run.through then
    violation('an idle run has seen all arrivals', run.arrival .. ' > ' .. run.through, 'queues it', settled)
  end
  local stuck = call('SCARD', base .. 'stuck:' .. run.ref)
  if run.stuck ~= stuck and not run.closed then
    violation('the count of blocked activities is right', run.stuck .. ' counted, ' .. stuck .. ' listed',
      'counts again', function()
        run.stuck, run.troubled = stuck, true
        saveTrouble(run)
        save(run)
      end)
  elseif run.stuck > 0 and not run.staged and (state == 'idle' or state == 'queued' or state == 'paused') then
    violation('a run with a blocked activity is blocked when it would be idle, queued or paused', state, 'blocks it',
      settled)
  end
  if state == 'queued' then
    local stamp = call('HGET', run.key, 'state') .. ' ' .. tostring(run.claim)
    needsQueue('w', run.queue, run.type, run.ref, stamp)
  end
end

-- A run, by its reference.
function checks.run(ref)
  local run = load(ref)
  if not run or not (run.closed or string.find(openStates, ' ' .. run.state .. ' ', 1, true)) then
    local isThere = call('EXISTS', base .. 'run:' .. ref) == 1
    -- Retention may have removed it since it was found.
    if not isThere and not score('open', ref) and not score('closed', ref) then return end
    local fix
    if not isThere and call('EXISTS', base .. 'history:' .. ref) == 0 then
      fix = function()
        call('ZREM', base .. 'open', ref)
        call('ZREM', base .. 'closed', ref)
      end
    end
    violation('a listed run exists and can be read', isThere and 'an unreadable state' or 'nothing',
      fix and 'takes it off the list' or 'restore ' .. base .. 'run:' .. ref .. ' from a backup', fix)
    return
  end
  if run.queue == '' or run.type == '' then
    return damaged(run, 'a run knows its type and queue', '“' .. run.type .. '”, “' .. run.queue .. '”')
  end
  if run.state == 'leased' then
    local nonce, holder = string.match(run.claim or '', '^%d+ (%S+) (%S+)$')
    if nonce then
      checkHeld(holder, nonce, 0, 'w:' .. ref, nil)
    else
      violation('a leased run has a claim', run.claim, 'queues it', function(now)
        call('ZREM', base .. 'leases', 'w:' .. ref)
        call('HDEL', run.key, 'claim')
        settle(run, true, false, now)
        save(run)
      end)
    end
  end
  for _, key in ipairs({ run.key, base .. 'history:' .. ref }) do
    if call('TTL', key) >= 0 then
      violation('what is kept of a run lasts', key, 'lets it last', function() call('PERSIST', key) end)
    end
  end
  checkHistory(run)
  checkListing(run)
  checkRow(run, string.match(ref, '^(%d+):(.*)$'))
  checkPlace(run)
  checkStaged(run)
  checkState(run)
  local operations = call('HLEN', base .. 'ops:' .. ref)
  if not run.closed then
    if operations > 0 then asked[#asked + 1] = { 'operations', ref } end
    return
  end
  checkRemains(ref, 'has claims clear it', function()
    send('remains', ref)
    post('', true, nil, true)
  end)
  if operations > 0 then
    violation('a closed run has no open operations', operations, 'removes them',
      function() call('UNLINK', base .. 'ops:' .. ref) end)
  end
end
