-- claim: takes work from the worker's queue. Before that it delivers messages, records due timers, hands over leases that
-- ended, and removes closed runs whose retention is over.
--
-- ARGV: worker, request id, workflow slots, activity slots, closed runs that are kept, limits of a sweep, death limit,
--       limit of messages, timers and leases, limit of entries in a task, limit of bytes in a task, limit of bytes in the answer:
--       an entry counts as a kilobyte more than it has, and a task as eight
-- Reply: "claimed", now, next due ('' = nothing), workflow tasks, activity tasks, parked tasks (counts), then
--   each workflow task: run, epoch, type, through, nonce of the last commit, failures, deaths, history start, "1" if
--     there is more, number of entries, then kind and value of each
--   each activity task: run, operation, name, workflow type, attempt, deliveries, deaths, deadline,
--     heartbeat timeout in ms ('' = none), details of the last heartbeat or nil, input
--   each parked task: run, "w:<type>" or "a:<name>"
--   or "unregistered"; or "skipped" if the commit before it in the same burst was invalid
-- Checks first: that the worker's registration hasn't lapsed. No write but these that free memory comes first.
local worker, request = ARGV[1], ARGV[2]
local workflowSlots, activitySlots = tonumber(ARGV[3]), tonumber(ARGV[4])
local workerKey = base .. 'worker:' .. worker
local record = call('HMGET', workerKey, 'queue', 'lease', 'expires', 'idle:w', 'idle:a', 'skip', 'suspect')
if not record[1] then return { 'unregistered' } end
if record[6] then
  call('HDEL', workerKey, 'skip')
  if record[6] == request then return { 'skipped' } end
end
local queue, lease = record[1], tonumber(record[2])
local now = clock()
local suspended, hold, unnoted, swept, parkedTypes, suspects, outbox = watch(lease, now)
if tonumber(record[3]) <= now and not suspended then return { 'unregistered' } end
if unnoted then note(now, hold) end

-- Whether the worker is to claim again at once.
local comesAgain = outbox and delivering()(queue, now, tonumber(ARGV[8]))
local leases, timers = base .. 'leases', base .. 'timers'
-- When the first lease or timer is due.
local function first(set)
  return tonumber(call('ZRANGE', set, 0, 0, 'WITHSCORES')[2] or '')
end
local firstLease, firstTimer = first(leases), first(timers)
local leaseIsOver = firstLease and firstLease <= now and not suspended
-- Each 100 ms, and at each claim while there is more to remove: then "swept" is 0.
local mustSweep = now - swept >= 100 or swept > now
local isDue = leaseIsOver or firstTimer and firstTimer <= now
if isDue or mustSweep then
  local endLeases, fireTimers, forgetWorkers = maintenance(queue)
  -- Leases first: an attempt that timed out may be due again at once.
  if leaseIsOver then endLeases(now, tonumber(ARGV[8]), tonumber(ARGV[7])) end
  if isDue then
    fireTimers(now, tonumber(ARGV[8]))
    firstLease, firstTimer = first(leases), first(timers)
  end
  if mustSweep then
    call('HDEL', meta, '-')
    local _, _, more = sweeping()(ARGV[5], ARGV[6], now)
    if not suspended then forgetWorkers(now, 16) end
    call('HSET', meta, 'swept', more and 0 or now)
    if more then comesAgain = true end
  end
end
local park, takeBack
if parkedTypes and parkedTypes ~= '0' then
  park, takeBack = parking()
  takeBack(queue, workerKey, true, now)
end

local out = { 'claimed', now, '', 0, 0, 0 }
local scores, held, parked, waiting = {}, {}, {}, {}
local task, bytes = 0, tonumber(ARGV[11])
local taskBytes, entryBytes = 8192, 1024
local parts = 6
local workflowTasks, activityTasks = 0, 0

-- Draws tasks from a list, up to the slots, the limit of bytes, and a number of stale and parked ones.
local list, batch, position, looked, isDrained
-- Whether it stopped before there was nothing left.
local isCut = false
local function open(name)
  list, batch, position, looked, isDrained = name, {}, 0, 0, false
end
local function draw(left)
  if position == #batch then
    if isDrained or bytes <= 0 or looked > 96 then
      isCut = isCut or not isDrained
      return nil
    end
    local wanted = math.min(left, 32)
    batch, position = call('LPOP', list, wanted) or {}, 0
    isDrained = #batch < wanted
    if #batch == 0 then return nil end
  elseif bytes <= 0 then
    for rest = #batch, position + 1, -1 do call('LPUSH', list, batch[rest]) end
    isDrained, isCut = false, true
    return nil
  end
  position = position + 1
  return batch[position]
end
-- Moves a task aside whose type the worker doesn't know.
local function aside(kind, item, ref)
  if not park then park, takeBack = parking() end
  park(queue, kind, item)
  parked[#parked + 1], parked[#parked + 2] = ref, kind
  looked = looked + 1
end

local admit, takeSuspect, finishSuspects
local function suspect()
  admit, takeSuspect, finishSuspects = suspecting(worker, queue, lease, record[7], now)
end
if suspects and suspects ~= '0' then suspect() end
-- Whether the worker takes a task, which is a suspect if workers died with it.
local function admits(deaths, kind, item)
  if deaths == 0 then return true end
  if not admit then suspect() end
  if admit(kind, item, request .. '.' .. task, deaths >= ARGV[7] - 1) then return true end
  looked = looked + 1
  return false
end

local workflowsDrained, activitiesDrained = false, false
if workflowSlots > 0 then
  open(base .. 'queue:w:' .. queue)
  while workflowTasks < workflowSlots do
    local ref = takeSuspect and looked <= 96 and takeSuspect('w') or draw(workflowSlots - workflowTasks)
    if not ref then break end
    local run = load(ref)
    if not run or run.state ~= 'queued' then
      looked = looked + 1
    elseif run.staged then
      -- One page is enough for one script: come again at once.
      if looked > 96 then call('RPUSH', list, ref) else guarded('p:' .. ref, staging(), run, true, queue, now) end
      comesAgain, looked = true, 97
    elseif call('HEXISTS', workerKey, 'w:' .. run.type) == 0 then
      aside('w:' .. run.type, ref, ref)
    elseif admits(run.deaths, 'w', ref) then
      local epoch = (run.claim and tonumber(string.match(run.claim, '^%d+')) or 0) + 1
      local nonce = request .. '.' .. task
      local commit, committer = '', nil
      if run.commit then commit, committer = string.match(run.commit, '^(%S+) (%S+)$') end
      commit = commit or ''
      run.state = 'leased'
      save(run, 'claim', epoch .. ' ' .. nonce .. ' ' .. worker)
      local start = committer == worker and run.through or 0
      out[parts + 1], out[parts + 2], out[parts + 3], out[parts + 4] = ref, epoch, run.type, run.through
      out[parts + 5], out[parts + 6], out[parts + 7], out[parts + 8] = commit, run.failures, run.deaths, start
      out[parts + 9], out[parts + 10] = '', 0
      local count, size = readHistory(ref, start, run.last, tonumber(ARGV[9]), tonumber(ARGV[10]), out)
      out[parts + 9], out[parts + 10] = start + count < run.last and '1' or '0', count
      parts = parts + 10 + 2 * count
      bytes = bytes - size - taskBytes - count * entryBytes
      local member = 'w:' .. ref
      scores[#scores + 1], scores[#scores + 2] = now + lease, member
      held[#held + 1], held[#held + 2] = nonce, '0 ' .. member
      task, workflowTasks = task + 1, workflowTasks + 1
    end
  end
  workflowsDrained = isDrained and position == #batch
end
if activitySlots > 0 then
  open(base .. 'queue:a:' .. queue)
  while activityTasks < activitySlots do
    local item = takeSuspect and looked <= 96 and takeSuspect('a') or draw(activitySlots - activityTasks)
    if not item then break end
    local operation, ref = string.match(item, '^(%d+):(.*)$')
    local activity = operation and loadActivity(ref, operation)
    if not activity or activity.state ~= 'q' then
      looked = looked + 1
    else
      local name, workflowType, timeout, _, isLimited = names(activity.spec)
      if not name then
        putAside('a:' .. item, 'the record of activity ' .. operation)
        looked = looked + 1
      elseif call('HEXISTS', workerKey, 'a:' .. name) == 0 then
        aside('a:' .. name, item, ref)
      elseif admits(activity.deaths, 'a', item) then
        local nonce, deadline = request .. '.' .. task, now + timeout
        local ending, heartbeat = deadline, nil
        if isLimited then
          local _, _, beat, close = limits(activity.spec)
          if activity.due > 0 then waiting[#waiting + 1] = 'q:' .. item end
          if close and close < deadline then deadline = close end
          ending, heartbeat = beat and math.min(deadline, now + beat) or deadline, beat and digits(beat)
        end
        activity.state, activity.deliveries = 'l', activity.deliveries + 1
        activity.due, activity.nonce, activity.holder = deadline, nonce, worker
        saveActivity(activity)
        local payloads = call('HMGET', activity.key, operation .. ':in', operation .. ':hb')
        local input, details = payloads[1] or '', payloads[2]
        out[parts + 1], out[parts + 2], out[parts + 3], out[parts + 4] = ref, operation, name, workflowType
        out[parts + 5], out[parts + 6], out[parts + 7] = activity.attempt, activity.deliveries, activity.deaths
        out[parts + 8], out[parts + 9] = digits(deadline), heartbeat or ''
        out[parts + 10], out[parts + 11] = details, input
        parts = parts + 11
        bytes = bytes - #input - (details and #details or 0) - taskBytes
        local member, score = 'a:' .. item, math.min(now + lease, ending)
        if not firstLease or score < firstLease then firstLease = score end
        scores[#scores + 1], scores[#scores + 2] = digits(score), member
        held[#held + 1], held[#held + 2] = nonce, digits(ending) .. ' ' .. member
        task, activityTasks = task + 1, activityTasks + 1
      end
    end
  end
  activitiesDrained = isDrained and position == #batch
end
for index = 1, #scores, 512 do
  local last = math.min(index + 511, #scores)
  call('ZADD', leases, unpack(scores, index, last))
  call('HSET', base .. 'held:' .. worker, unpack(held, index, last))
end
-- What was taken doesn't time out in its queue any more.
for index = 1, #waiting, 512 do
  call('ZREM', timers, unpack(waiting, index, math.min(index + 511, #waiting)))
  firstTimer = first(timers)
end
for index = 1, #parked do out[parts + index] = parked[index] end

-- A worker with room left for a kind of task hears of the next one; one that has none must not be woken. The record
-- says in which sets it is, to the best of our knowledge; a claim that found nothing makes sure, and answers what is
-- in the inbox.
local function mark(kind, hasRoom, isMarked)
  local idle = base .. 'idle:' .. kind .. ':' .. queue
  if hasRoom and (task == 0 or not isMarked) then
    call('SADD', idle, worker)
    if not isMarked then call('HSET', workerKey, 'idle:' .. kind, 1) end
  elseif isMarked and not hasRoom then
    call('SREM', idle, worker)
    call('HDEL', workerKey, 'idle:' .. kind)
  end
end
if task == 0 then call('DEL', base .. 'inbox:' .. worker) end
mark('w', workflowSlots > workflowTasks, record[4])
mark('a', activitySlots > activityTasks, record[5])
-- Whoever leaves work behind wakes the next.
if not workflowsDrained and call('LLEN', base .. 'queue:w:' .. queue) > 0 then wake('w', queue, now) end
if not activitiesDrained and call('LLEN', base .. 'queue:a:' .. queue) > 0 then wake('a', queue, now) end
local nextSuspect = finishSuspects and finishSuspects()

if workflowTasks > 0 and (not firstLease or now + lease < firstLease) then firstLease = now + lease end
if firstLease and suspended and firstLease < hold then firstLease = hold end
local due = firstTimer
if firstLease and (not due or firstLease < due) then due = firstLease end
if nextSuspect and (not due or nextSuspect < due) then due = nextSuspect end
if comesAgain or isCut then due = now end
out[3] = due and digits(due) or ''
out[4], out[5], out[6] = workflowTasks, activityTasks, #parked / 2
return out
