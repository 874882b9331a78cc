-- claiming: takes work from the worker's queue. Before that it delivers messages, records due timers, hands over leases that
-- ended, and removes closed runs whose retention is over.
--
-- `requests` are tables: id, w and a, the slots for workflow tasks and for activity tasks, and position, where the answer goes in
-- `reply`; the other arguments of the script are those of work.lua.
--
-- The answer: "claimed", or "renewed" if the registration was, too; now, next due ('' = nothing), workflow tasks, activity tasks, parked tasks (counts), then
--   each workflow task: run, epoch, type, through, nonce of the last commit, failures, deaths, history start, "1" if
--     there is more, number of entries, then kind and value of each
--   each activity task: run, operation, name, workflow type, attempt, deliveries, deaths, deadline,
--     heartbeat timeout in ms ('' = none), details of the last heartbeat or nil, input
--   each parked task: run, "w:<type>" or "a:<name>"
--   or "unregistered"
-- Checks first: that the worker's registration hasn't lapsed.
local function claim(worker, requests, reply, now)
  local workerKey = base .. 'worker:' .. worker
  local record = call('HMGET', workerKey, 'queue', 'lease', 'expires', 'idle:w', 'idle:a', 'suspect')
  local queue, lease = record[1], tonumber(record[2])
  local suspended, hold, unnoted, swept, parkedTypes, suspects, outbox
  if queue then suspended, hold, unnoted, swept, parkedTypes, suspects, outbox = watch(lease, now) end
  if not queue or tonumber(record[3]) <= now and not suspended then
    for index = 1, #requests do reply[requests[index].position] = { 'unregistered' } end
    local left = together
    saveTogether()
    if #left.w > 0 then wake('w', left.queue, now) end
    if #left.a > 0 then wake('a', left.queue, now) end
    return
  end
  if unnoted then note(now, hold) end
  saveHolds()
  -- So an idle worker need not renew besides. One that holds something must: a lease that ends before the registration of a
  -- worker that died counts no death. The age is negative if the clock went back.
  local age = now - (tonumber(record[3]) - lease)
  local renews = (age >= lease / 4 or age < 0) and call('EXISTS', base .. 'held:' .. worker) == 0
  if renews then renewRegistration(worker, lease, now) end

  -- Whether the worker is to claim again at once.
  local comesAgain = false
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
  local canPark = parkedTypes and parkedTypes ~= '0'
  local canSuspect = suspects and suspects ~= '0'
  if outbox or isDue or mustSweep or canPark or canSuspect then
    -- What this does looks at everything.
    saveTogether()
  end
  if outbox then comesAgain = delivering()(queue, now, tonumber(ARGV[6])) end
  if isDue or mustSweep then
    local endLeases, fireTimers, forgetWorkers = maintenance(queue)
    -- Leases first: an attempt that timed out may be due again at once.
    if leaseIsOver then endLeases(now, tonumber(ARGV[6]), tonumber(ARGV[5])) end
    if isDue then
      fireTimers(now, tonumber(ARGV[6]))
      firstLease, firstTimer = first(leases), first(timers)
    end
    if mustSweep then
      local _, _, more = sweeping()(ARGV[3], ARGV[4], now)
      if not suspended then forgetWorkers(now, 16) end
      call('HSET', meta, 'swept', more and 0 or now)
      if more then comesAgain = true end
    end
  end
  local park, takeBack
  if canPark then
    park, takeBack = parking()
    takeBack(queue, workerKey, true, now)
  end

  local scores, held, waiting, parked = {}, {}, {}, {}
  local bytes, taskBytes, entryBytes = tonumber(ARGV[9]), 8192, 1024

  -- Draws tasks of a kind, up to the slots, the limit of bytes, and a number of stale and parked ones: from the queue, then
  -- from what this script has made ready.
  local list, batch, position, ready, readied, left, looked, isDrained
  -- Whether it stopped before there was nothing left.
  local isCut = false
  local function open(kind, slots)
    list, batch, position, looked, isDrained = base .. 'queue:' .. kind .. ':' .. queue, {}, 0, 0, false
    ready, readied, left = together[kind], 0, slots
  end
  local function draw()
    if position < #batch then
      position = position + 1
      return batch[position]
    end
    if not isDrained then
      if looked > 96 then return nil end
      local wanted = math.min(left, 32)
      batch, position = call('LPOP', list, wanted) or {}, 1
      isDrained = #batch < wanted
      if #batch > 0 then return batch[1] end
    end
    readied = readied + 1
    return ready[readied]
  end
  -- Gives back what was drawn and not taken. Answers whether nothing is left.
  local function shut(kind)
    for rest = #batch, position + 1, -1 do
      call('LPUSH', list, batch[rest])
      isDrained = false
    end
    local rest = {}
    for index = readied + 1, #ready do rest[#rest + 1] = ready[index] end
    together[kind] = rest
    if left > 0 and not (isDrained and #rest == 0) then isCut = true end
    return isDrained and #rest == 0
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
    admit, takeSuspect, finishSuspects = suspecting(worker, queue, lease, record[6], now)
  end
  if canSuspect then suspect() end
  -- Whether the worker takes a task, which is a suspect if workers died with it.
  local function admits(deaths, kind, item, nonce)
    if deaths == 0 then return true end
    if not admit then suspect() end
    if admit(kind, item, nonce, deaths >= ARGV[5] - 1) then return true end
    looked = looked + 1
    return false
  end
  local known = {}
  local function knows(kind)
    if known[kind] == nil then known[kind] = call('HEXISTS', workerKey, kind) == 1 end
    return known[kind]
  end

  local slots, taken = { w = 0, a = 0 }, { w = 0, a = 0 }
  for index = 1, #requests do
    local request = requests[index]
    request.out, request.parts, request.tasks = { renews and 'renewed' or 'claimed', now, '', 0, 0, 0 }, 6, 0
    slots.w, slots.a = slots.w + request.w, slots.a + request.a
  end
  -- The request that takes the next task of a kind; there is one while there are slots left.
  local at = 1
  local function taker(kind)
    while requests[at][kind] <= 0 do at = at + 1 end
    return requests[at]
  end
  local leaseEnd = now + lease
  local leaseEndText = digits(leaseEnd)
  -- `ending`: when the attempt ends, as text; '0' if it doesn't.
  local function took(kind, request, nonce, member, score, ending)
    local count = #scores
    scores[count + 1], scores[count + 2] = score, member
    held[count + 1], held[count + 2] = nonce, ending .. ' ' .. member
    request[kind], request.tasks, taken[kind], left = request[kind] - 1, request.tasks + 1, taken[kind] + 1, left - 1
    local field = kind == 'w' and 4 or 5
    request.out[field] = request.out[field] + 1
  end

  local isEmpty = { w = false, a = false }
  if slots.w > 0 then
    open('w', slots.w)
    at = 1
    while left > 0 and bytes > 0 do
      local ref = takeSuspect and looked <= 96 and takeSuspect('w') or draw()
      if not ref then break end
      local run = load(ref)
      local request = taker('w')
      local nonce = request.id .. '.' .. request.tasks
      if not run or run.state ~= 'queued' then
        looked = looked + 1
      elseif run.staged then
        -- One page is enough for one script: come again at once.
        if looked > 96 then call('RPUSH', list, ref) else guarded('p:' .. ref, staging(), run, true, queue, now) end
        comesAgain, looked = true, 97
      elseif not knows('w:' .. run.type) then
        aside('w:' .. run.type, ref, ref)
      elseif admits(run.deaths, 'w', ref, nonce) then
        local epoch = (run.claim and tonumber(string.match(run.claim, '^%d+')) or 0) + 1
        local lastCommit, committer, seen
        if run.commit then lastCommit, committer, seen = string.match(run.commit, '^(%S+) (%S+) (%d+)$') end
        run.state, run.claim = 'leased', epoch .. ' ' .. nonce .. ' ' .. worker
        save(run, 'claim', run.claim)
        local start = committer == worker and tonumber(seen) or 0
        local out, parts = request.out, request.parts
        out[parts + 1], out[parts + 2], out[parts + 3], out[parts + 4] = ref, epoch, run.type, run.through
        out[parts + 5], out[parts + 6], out[parts + 7], out[parts + 8] = lastCommit or '', run.failures, run.deaths, start
        out[parts + 9], out[parts + 10] = '', 0
        local count, size
        if start + 1 == run.last and run.lastValue then
          -- The only one was written by this script.
          count, size = 1, #run.lastValue
          out[parts + 11], out[parts + 12] = run.lastKind, run.lastValue
        else
          count, size = readHistory(ref, start, run.last, tonumber(ARGV[7]), tonumber(ARGV[8]), out)
        end
        out[parts + 9], out[parts + 10] = start + count < run.last and '1' or '0', count
        request.parts = parts + 10 + 2 * count
        bytes = bytes - size - taskBytes - count * entryBytes
        took('w', request, nonce, 'w:' .. ref, leaseEndText, '0')
      end
    end
    isEmpty.w = shut('w')
  end
  if slots.a > 0 then
    open('a', slots.a)
    at = 1
    while left > 0 and bytes > 0 do
      local item = takeSuspect and looked <= 96 and takeSuspect('a') or draw()
      if not item then break end
      local operation, ref = string.match(item, '^(%d+):(.*)$')
      local activity = operation and loadActivity(ref, operation)
      local request = taker('a')
      local nonce = request.id .. '.' .. request.tasks
      if not activity or activity.state ~= 'q' then
        looked = looked + 1
      else
        local name, workflowType, timeout, _, isLimited = names(activity.spec)
        if not name then
          putAside('a:' .. item, 'the record of activity ' .. operation)
          looked = looked + 1
        elseif not knows('a:' .. name) then
          aside('a:' .. name, item, ref)
        elseif admits(activity.deaths, 'a', item, nonce) then
          local deadline = now + timeout
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
          local input, details = activity.input, false
          if not input then
            local payloads = call('HMGET', activity.key, operation .. ':in', operation .. ':hb')
            input, details = payloads[1] or '', payloads[2]
          end
          local out, parts = request.out, request.parts
          out[parts + 1], out[parts + 2], out[parts + 3], out[parts + 4] = ref, operation, name, workflowType
          out[parts + 5], out[parts + 6], out[parts + 7] = activity.attempt, activity.deliveries, activity.deaths
          out[parts + 8], out[parts + 9] = digits(deadline), heartbeat or ''
          out[parts + 10], out[parts + 11] = details, input
          request.parts = parts + 11
          bytes = bytes - #input - (details and #details or 0) - taskBytes
          local score, ends = leaseEnd, digits(ending)
          if ending < score then score = ending end
          if not firstLease or score < firstLease then firstLease = score end
          took('a', request, nonce, 'a:' .. item, score == leaseEnd and leaseEndText or ends, ends)
        end
      end
    end
    isEmpty.a = shut('a')
  end
  chunked('ZADD', leases, scores)
  chunked('HSET', base .. 'held:' .. worker, held)
  -- What was taken doesn't time out in its queue any more.
  chunked('ZREM', timers, waiting)
  if #waiting > 0 then firstTimer = first(timers) end

  -- A worker with room left for a kind of task hears of the next one; one that has none must not be woken. The record
  -- says in which sets it is, to the best of our knowledge; a claim that found nothing makes sure, and answers what is
  -- in the inbox.
  local tookNone = taken.w + taken.a == 0
  local function mark(kind, isMarked)
    local idle = base .. 'idle:' .. kind .. ':' .. queue
    local hasRoom = slots[kind] > taken[kind]
    if hasRoom and (tookNone or not isMarked) then
      call('SADD', idle, worker)
      if not isMarked then call('HSET', workerKey, 'idle:' .. kind, 1) end
    elseif isMarked and not hasRoom then
      call('SREM', idle, worker)
      call('HDEL', workerKey, 'idle:' .. kind)
    end
  end
  if tookNone then call('DEL', base .. 'inbox:' .. worker) end
  mark('w', record[4])
  mark('a', record[5])
  -- Whoever leaves work behind wakes the next.
  for _, kind in ipairs({ 'w', 'a' }) do
    local isLeft = #together[kind] > 0 or not isEmpty[kind] and call('LLEN', base .. 'queue:' .. kind .. ':' .. queue) > 0
    if isLeft then wake(kind, queue, now) end
  end
  local nextSuspect = finishSuspects and finishSuspects()

  if taken.w > 0 and (not firstLease or leaseEnd < firstLease) then firstLease = leaseEnd end
  if firstLease and suspended and firstLease < hold then firstLease = hold end
  local due = firstTimer
  if firstLease and (not due or firstLease < due) then due = firstLease end
  if nextSuspect and (not due or nextSuspect < due) then due = nextSuspect end
  if comesAgain or isCut then due = now end
  for index = 1, #requests do
    local out = requests[index].out
    out[3] = due and digits(due) or ''
    reply[requests[index].position] = out
  end
  local out, parts = requests[1].out, requests[1].parts
  out[6] = #parked / 2
  for index = 1, #parked do out[parts + index] = parked[index] end
end
