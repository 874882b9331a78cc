-- check: verifies the invariants of a few items, each completely and at one moment. Writes nothing.
--
-- ARGV: "1" to look into queues (slow for long ones) or "0" to name what must be in them, then pairs:
--   "run", run | "lease", member of leases | "timer", member of timers | "blocked", run | "held", "<worker> <nonce>"
--   | "worker", worker | "outbox", ''
-- Reply: "violation", item kind, item, invariant, finding...; and without looking into queues
--   "needs", item kind, item, queue or parked list, task: the item is sound if the task is in one of the lists named
--   for it
local deep = ARGV[1] == '1'
local out = {}
local kind, item

local function violation(invariant, finding)
  local n = #out
  out[n + 1], out[n + 2], out[n + 3], out[n + 4], out[n + 5] = 'violation', kind, item, invariant, tostring(finding)
end

-- A queued task is in its queue, or parked under its type, or with the suspects.
local function needsQueue(letter, queue, workflowType, task)
  local list = base .. 'queue:' .. letter .. ':' .. queue
  local parked = base .. 'parked:' .. #queue .. ':' .. queue .. ':' .. letter .. ':' .. workflowType
  local suspects = base .. 'suspects:' .. letter .. ':' .. queue
  if not deep then
    local n = #out
    out[n + 1], out[n + 2], out[n + 3], out[n + 5] = 'needs', kind, item, task
    out[n + 4] = list .. '\n' .. suspects .. '\n' .. parked
  elseif not call('LPOS', list, task) and not call('LPOS', suspects, task) then
    if not call('LPOS', parked, task) then
      violation('a queued task is in its queue or parked', 'the task ' .. task .. ' is in none')
    elseif call('SISMEMBER', base .. 'parkedTypes:' .. queue, letter .. ':' .. workflowType) == 0 then
      violation('the types of parked tasks are on the list of their queue', letter .. ':' .. workflowType)
    end
  end
end

local function score(set, member)
  return tonumber(call('ZSCORE', base .. set, member) or '')
end

-- Whether an operation is one that a closed run left behind, see clearing.lua.
local function isLeft(ref, operation)
  return call('HEXISTS', base .. 'remains:' .. ref, operation) == 1
end

-- What a closed run left behind, and the message that has claims remove it.
local function checkRemains(ref)
  local left = call('EXISTS', base .. 'remains:' .. ref) == 1 or call('TTL', base .. 'staged:' .. ref) == -1
  if not left then return end
  local message = '7:remains' .. #ref .. ':' .. ref
  if not deep then
    local n = #out
    out[n + 1], out[n + 2], out[n + 3], out[n + 4], out[n + 5] = 'needs', kind, item, base .. 'outbox', message
  elseif not call('LPOS', base .. 'outbox', message) then
    violation('claims are told of what a closed run left behind', 'they are not')
  end
end

-- The hold of a run has the deadline 0; that of an attempt its own, or an earlier one if it needs heartbeats.
local function checkHeld(holder, nonce, deadline, member, needsHeartbeats)
  local held = call('HGET', base .. 'held:' .. holder, nonce) or 'nothing for the nonce ' .. nonce
  local ending, task = string.match(held, '^(%d+) (.*)$')
  ending = tonumber(ending)
  if task ~= member or ending ~= deadline and not (needsHeartbeats and ending < deadline) then
    violation('what is leased is among what its holder holds', held)
    return
  end
  local lease = score('leases', member)
  if not lease then
    violation('what is leased has a lease', 'none')
  elseif ending > 0 and lease > ending then
    violation('the lease of an attempt ends no later than its deadline', digits(lease) .. ' > ' .. held)
  end
end

-- An activity has the timer that its state needs, and no other.
local function checkTimers(activity, ref, needsHeartbeats)
  local wanted = { r = activity.state == 'r', e = activity.state == 'e', q = false }
  if activity.state == 'q' then
    local start, _, _, close = limits(activity.spec)
    wanted.q = start ~= nil or close ~= nil
    if wanted.q ~= (activity.due > 0) then
      violation('a queued activity has a deadline if it may not wait for ever', digits(activity.due))
    end
  end
  for letter, isWanted in pairs(wanted) do
    local member = letter .. ':' .. activity.operation .. ':' .. ref
    local due = score('timers', member)
    if due and not isWanted then
      violation('an activity has a timer only in the state that needs it', member .. ' in state ' .. activity.state)
    elseif isWanted and due ~= activity.due and not (due and letter == 'e' and needsHeartbeats and due < activity.due)
    then
      violation('an activity has the timer that its state needs', member .. ' at ' .. tostring(due))
    end
  end
end

local function checkActivity(run, operation)
  local activity = loadActivity(run.ref, operation)
  if not activity then
    violation('an open operation can be read', operation)
    return 0
  end
  if call('HEXISTS', activity.key, operation .. ':in') == 0 then
    violation('an open activity has its input', 'none for operation ' .. operation)
  end
  local name, workflowType, _, queue = names(activity.spec)
  if workflowType ~= run.type then violation('an activity knows the type of its run', workflowType) end
  local lease = 'a:' .. operation .. ':' .. run.ref
  local _, _, heartbeat, close = limits(activity.spec)
  if activity.state == 'l' then
    checkHeld(activity.holder, activity.nonce, activity.due, lease, heartbeat)
  elseif score('leases', lease) then
    violation('only what is leased has a lease', lease .. ' in state ' .. activity.state)
  end
  checkTimers(activity, run.ref, heartbeat)
  if activity.state == 'r' and close and activity.due >= close then
    violation('the next attempt comes before schedule-to-close passes', digits(activity.due) .. ' >= ' .. digits(close))
  end
  if activity.state == 'q' then needsQueue('a', queue, name, operation .. ':' .. run.ref) end
  return activity.state == 'b' and 1 or 0
end

-- A child's operation waits for the child, or for a message that starts it or tells of its end. The outbox is read if
-- this looks wrong, and only for a deep look.
local function checkChild(run, operation, id)
  local link = operation .. ':' .. run.ref
  local newest = call('HGET', base .. 'newest', id)
  local child = newest and load(newest .. ':' .. id)
  local sources = child and not child.closed and child.parent == link and 1 or 0
  local start, ended = '5:start' .. #link .. ':' .. link, '5:ended' .. #link .. ':' .. link
  for first = 0, deep and call('LLEN', base .. 'outbox') - 1 or -1, 512 do
    local messages = call('LRANGE', base .. 'outbox', first, first + 511)
    for index = 1, #messages do
      local beginning = string.sub(messages[index], 1, #start)
      if beginning == start or beginning == ended then sources = sources + 1 end
    end
  end
  if sources ~= 1 then
    violation('an open child operation has an open child, or one message under way',
      sources .. ' for operation ' .. operation)
  end
end

local function checkOperations(run)
  local stuck = 0
  local operations = call('HKEYS', base .. 'ops:' .. run.ref)
  for index = 1, #operations do
    local operation = operations[index]
    if string.find(operation, '^%d+$') then
      local text = call('HGET', base .. 'ops:' .. run.ref, operation)
      local due = string.match(text, '^t (%S+)$')
      local child = string.match(text, '^c %S+ (.*)$')
      if child then
        checkChild(run, operation, child)
      elseif due then
        if score('timers', 't:' .. operation .. ':' .. run.ref) ~= tonumber(due) then
          violation('an open timer is among the timers', 'operation ' .. operation)
        end
      else
        stuck = stuck + checkActivity(run, operation)
      end
    elseif call('HEXISTS', base .. 'ops:' .. run.ref, string.match(operation, '^%d+') or '') == 0 then
      violation('inputs, failures and heartbeats belong to an open operation', operation)
    end
  end
  local listed = call('SCARD', base .. 'stuck:' .. run.ref)
  if stuck ~= run.stuck or stuck ~= listed then
    violation('the count of blocked activities is right',
      run.stuck .. ' counted, ' .. listed .. ' listed, ' .. stuck .. ' found')
  end
end

local function checkHistory(run)
  local history = base .. 'history:' .. run.ref
  local length = call('XLEN', history)
  if length ~= run.last then
    violation('a history has all entries', run.last .. ' counted, ' .. length .. ' found')
    return
  end
  local newest = call('XREVRANGE', history, '+', '-', 'COUNT', 1)[1]
  if newest and newest[1] ~= run.last .. '-0' then violation('entries are numbered without a gap', newest[1]) end
  if newest and string.match(newest[2][2], '^%d+') ~= digits(run.time) then
    violation('a run knows the time of its newest entry', newest[2][2])
  end
  if run.through > run.arrival or run.arrival > run.last then
    violation('through <= last arrival <= last entry', run.through .. ', ' .. run.arrival .. ', ' .. run.last)
  end
end

-- Runs that continued as new name the next one, which knows the one before it and the first.
local function checkRow(run, number, id)
  local own = call('HMGET', run.key, 'next', 'first')
  if (run.state == 'continuedAsNew') ~= (own[1] ~= false) then
    violation('a run that continued as new names the next, and no other does', run.state .. ' ' .. tostring(own[1]))
  end
  local next = call('HMGET', base .. 'run:' .. (own[1] or '') .. ':' .. id, 'previous', 'first')
  if own[1] and next[1] and (next[1] ~= number or next[2] ~= (own[2] or number)) then
    violation('a run is in one row with the next', next[1] .. ', ' .. tostring(next[2]))
  end
end

local function checkRun(ref)
  local run = load(ref)
  if not run or not run.state then
    violation('a listed run exists and can be read', run and 'an unreadable state' or 'nothing')
    return
  end
  local closed = run.closed
  if run.paused and (closed or run.state == 'idle' or run.state == 'queued' and not run.staged) then
    violation('a run that is not to be moved rests as paused', run.state)
  elseif run.state == 'paused' and not run.paused then
    violation('a paused run waits to be resumed', 'it does not')
  end
  local inOpen, inClosed = score('open', ref), score('closed', ref)
  if closed and (inOpen or not inClosed) or not closed and (inClosed or not inOpen) then
    violation('a run is on the list of its kind, open or closed, alone', run.state)
  end
  checkHistory(run)
  local number, id = string.match(ref, '^(%d+):(.*)$')
  local newest = tonumber(call('HGET', base .. 'newest', id) or '')
  -- Retention may have removed the newest before one that closed in the same millisecond.
  if newest and newest < tonumber(number) or not newest and not closed then violation('the newest run of an id is known', newest) end
  checkRow(run, number, id)
  if closed then
    if call('EXISTS', base .. 'ops:' .. ref) == 1 then violation('a closed run has no open operations', 'some') end
    checkRemains(ref)
  else
    checkOperations(run)
  end

  local lease = score('leases', 'w:' .. ref)
  if run.state == 'leased' then
    local nonce, holder = string.match(run.claim or '', '^%d+ (%S+) (%S+)$')
    if nonce then checkHeld(holder, nonce, 0, 'w:' .. ref, false) else violation('a leased run has a claim', run.claim) end
  elseif lease then
    violation('only what is leased has a lease', 'a lease in state ' .. run.state)
  end
  local turn, start = score('timers', 'd:' .. ref), score('timers', 's:' .. ref)
  if run.state == 'delayed' then
    local due = tonumber(call('HGET', run.key, 'due') or '')
    if (turn and 1 or 0) + (start and 1 or 0) ~= 1 or (turn or start) ~= due then
      violation('a delayed run has one timer', (turn or 'none') .. ', ' .. (start or 'none'))
    end
  elseif turn or start then
    violation('only a delayed run has a timer of its own', run.state)
  end
  local blocked = score('blocked', ref)
  if run.state == 'blocked' then
    local build = call('HGET', run.key, 'build') or ''
    if not blocked or not call('ZSCORE', blockedKey(run.queue, run.type), buildPrefix(build) .. ref) then
      violation('a blocked run is on the lists of the blocked ones', 'it is not')
    end
    if not call('HGET', run.key, 'reason') then violation('a blocked run has a reason', 'none') end
  else
    if blocked then violation('only a blocked run is on the list of the blocked ones', run.state) end
    local listed = call('ZRANGE', blockedKey(run.queue, run.type), 0, 63)
    for index = 1, #listed do
      if string.sub(listed[index], -#ref - 1) == ':' .. ref then
        violation('only a blocked run is on the list of the blocked ones of its type', run.state)
      end
    end
  end
  local lasts = call('TTL', base .. 'staged:' .. ref) == -1
  if run.staged and run.state ~= 'queued' and run.state ~= 'blocked' then
    violation('a run whose effects are staged is queued for them', run.state)
  end
  if run.staged ~= lasts and not closed then
    violation('effects are staged for good if their turn is recorded, and only then', tostring(lasts))
  end
  if run.state == 'queued' then needsQueue('w', run.queue, run.type, ref) end
  if run.state == 'idle' and run.arrival > run.through then
    violation('an idle run has seen all arrivals', run.arrival .. ' > ' .. run.through)
  end
  if run.stuck > 0 and not run.staged and (run.state == 'idle' or run.state == 'queued' or run.state == 'paused') then
    violation('a run with a blocked activity is blocked when it would be idle, queued or paused', run.state)
  end
end

local function checkLease(member)
  if not score('leases', member) then return end
  if string.sub(member, 1, 2) == 'w:' then
    local run = load(string.sub(member, 3))
    if not run or run.state ~= 'leased' then violation('a lease belongs to what is leased', run and run.state) end
  else
    local operation, ref = string.match(member, '^a:(%d+):(.*)$')
    local activity = ref and loadActivity(ref, operation)
    if (not activity or activity.state ~= 'l') and not (ref and isLeft(ref, operation)) then
      violation('a lease belongs to what is leased', activity and activity.state)
    end
  end
end

local function checkTimer(member)
  if not score('timers', member) then return end
  local letter, rest = string.sub(member, 1, 1), string.sub(member, 3)
  if letter == 's' or letter == 'd' then
    local run = load(rest)
    if not run or run.state ~= 'delayed' then violation('a timer has something to wake', run and run.state) end
  else
    local operation, ref = string.match(rest, '^(%d+):(.*)$')
    local text = ref and call('HGET', base .. 'ops:' .. ref, operation)
    if (not text or string.sub(text, 1, 1) ~= (letter == 't' and 't' or 'a')) and not (ref and isLeft(ref, operation)) then
      violation('a timer has something to wake', text)
    end
  end
end

local function checkHolding(text)
  local worker, nonce = string.match(text, '^(%S+) (%S+)$')
  local held = call('HGET', base .. 'held:' .. worker, nonce)
  local member = held and string.match(held, '^%d+ (.*)$')
  local operation, ref = string.match(member or '', '^a:(%d+):(.*)$')
  if member and not score('leases', member) and not (ref and isLeft(ref, operation)) then
    violation('what a worker holds has a lease', held)
  end
end

for index = 2, #ARGV, 2 do
  kind, item = ARGV[index], ARGV[index + 1]
  if kind == 'run' then
    checkRun(item)
  elseif kind == 'lease' then
    checkLease(item)
  elseif kind == 'timer' then
    checkTimer(item)
  elseif kind == 'blocked' then
    local run = load(item)
    if score('blocked', item) and (not run or run.state ~= 'blocked') then
      violation('what is on the list of the blocked runs is blocked', run and run.state)
    end
  elseif kind == 'held' then
    checkHolding(item)
  elseif kind == 'outbox' then
    if call('EXISTS', base .. 'outbox') == 1 and call('HEXISTS', meta, 'outbox') == 0 then
      violation('claims are told of messages', 'they are not')
    end
  elseif kind == 'worker' and score('workers', item) and call('EXISTS', base .. 'worker:' .. item) == 0 then
    violation('a registered worker has a record', 'none')
  end
end
return out
