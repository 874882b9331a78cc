-- claim: takes work from the worker's queue. Before that it records due timers, hands over leases that ended, and removes
-- closed runs whose retention is over.
--
-- ARGV: worker, request id, workflow slots, activity slots, retention in ms, retention count, death limit,
--       limit of timers and leases, limit of entries in a task, limit of bytes in a task, limit of bytes in the answer
-- Reply: "claimed", now, next due ('' = nothing), workflow tasks, activity tasks, parked tasks (counts), then
--   each workflow task: run, epoch, type, through, nonce of the last commit, failures, deaths, history start, "1" if there
--     is more, number of entries, then kind and value of each
--   each activity task: run, operation, name, workflow type, attempt, deliveries, deaths, deadline, input
--   each parked task: run, "w:<type>" or "a:<name>"
--   or "unregistered"
-- Checks first: that the worker's registration hasn't lapsed. No write but these that free memory comes first.
local worker, request = ARGV[1], ARGV[2]
local workflowSlots, activitySlots = tonumber(ARGV[3]), tonumber(ARGV[4])
local workerKey = base .. 'worker:' .. worker
local record = call('HMGET', workerKey, 'queue', 'lease')
local expiry = tonumber(call('ZSCORE', base .. 'workers', worker) or '')
if not record[1] or not expiry then return { 'unregistered' } end
local queue, lease = record[1], tonumber(record[2])
local now = clock()
local suspended, hold, swept, note = watch(lease, now)
if expiry <= now and not suspended then return { 'unregistered' } end
note()

own = queue
-- Leases first: an attempt that timed out may be due again at once.
if not suspended then endLeases(now, tonumber(ARGV[8]), tonumber(ARGV[7])) end
local nextTimer = fireTimers(now, tonumber(ARGV[8]))
if now - swept >= 100 or swept > now then
  call('HDEL', base .. 'meta', '-')
  local more = sweep(now, tonumber(ARGV[5]), tonumber(ARGV[6]), 16, suspended)
  call('HSET', base .. 'meta', 'swept', more and 0 or now)
end
if call('EXISTS', base .. 'parked:' .. queue) == 1 then takeBack(queue, workerKey, true, now) end

local out = { 'claimed', now, '', 0, 0, 0 }
local scores, held, parked = {}, {}, {}
local task, bytes = 0, tonumber(ARGV[11])
local parts = 6

-- Draws up to `slots` tasks from a queue. `take` answers whether it took the task. Stale and parked tasks are bounded, too.
local function draw(list, slots, take)
  local taken, looked = 0, 0
  while taken < slots and looked < slots + 64 and bytes > 0 do
    local tasks = call('LPOP', list, math.min(slots - taken, 32))
    if not tasks then break end
    for index = 1, #tasks do
      if bytes <= 0 then
        for rest = #tasks, index, -1 do call('LPUSH', list, tasks[rest]) end
        break
      end
      looked = looked + 1
      if take(tasks[index]) then taken = taken + 1 end
    end
  end
  return taken
end

local workflowTasks, activityTasks = 0, 0
if workflowSlots > 0 then
  workflowTasks = draw(base .. 'queue:w:' .. queue, workflowSlots, function(ref)
    local run = load(ref)
    if not run or run.state ~= 'queued' then return false end
    if call('HEXISTS', workerKey, 'w:' .. run.type) == 0 then
      park(queue, 'w:' .. run.type, ref)
      parked[#parked + 1], parked[#parked + 2] = ref, 'w:' .. run.type
      return false
    end
    local epoch = (run.claim and tonumber(string.match(run.claim, '^%d+')) or 0) + 1
    local nonce = request .. '.' .. task
    local commit, committer = '', nil
    if run.commit then commit, committer = string.match(run.commit, '^(%S+) (%S+)$') end
    run.state = 'leased'
    save(run, 'claim', epoch .. ' ' .. nonce .. ' ' .. worker)
    local start = committer == worker and run.through or 0
    out[parts + 1], out[parts + 2], out[parts + 3], out[parts + 4] = ref, epoch, run.type, run.through
    out[parts + 5], out[parts + 6], out[parts + 7], out[parts + 8] = commit, run.failures, run.deaths, start
    out[parts + 9], out[parts + 10] = '', 0
    local count, size = readHistory(ref, start, run.last, tonumber(ARGV[9]), tonumber(ARGV[10]), out)
    out[parts + 9], out[parts + 10] = start + count < run.last and '1' or '0', count
    parts = parts + 10 + 2 * count
    bytes = bytes - size
    local member = 'w:' .. ref
    scores[#scores + 1], scores[#scores + 2] = now + lease, member
    held[#held + 1], held[#held + 2] = nonce, '0 ' .. member
    task = task + 1
    return true
  end)
end
if activitySlots > 0 then
  activityTasks = draw(base .. 'queue:a:' .. queue, activitySlots, function(item)
    local operation, ref = string.match(item, '^(%d+):(.*)$')
    local activity = loadActivity(ref, operation)
    if not activity or activity.state ~= 'q' then return false end
    local name, workflowType, timeout = names(activity.spec)
    if call('HEXISTS', workerKey, 'a:' .. name) == 0 then
      park(queue, 'a:' .. name, item)
      parked[#parked + 1], parked[#parked + 2] = ref, 'a:' .. name
      return false
    end
    local nonce, deadline = request .. '.' .. task, now + timeout
    activity.state, activity.deliveries = 'l', activity.deliveries + 1
    activity.due, activity.nonce, activity.holder = deadline, nonce, worker
    saveActivity(activity)
    local input = call('HGET', activity.key, operation .. ':in') or ''
    out[parts + 1], out[parts + 2], out[parts + 3], out[parts + 4] = ref, operation, name, workflowType
    out[parts + 5], out[parts + 6], out[parts + 7] = activity.attempt, activity.deliveries, activity.deaths
    out[parts + 8], out[parts + 9] = digits(deadline), input
    parts = parts + 9
    bytes = bytes - #input
    local member = 'a:' .. item
    scores[#scores + 1], scores[#scores + 2] = digits(math.min(now + lease, deadline)), member
    held[#held + 1], held[#held + 2] = nonce, digits(deadline) .. ' ' .. member
    task = task + 1
    return true
  end)
end
for first = 1, #scores, 512 do
  local last = math.min(first + 511, #scores)
  call('ZADD', base .. 'leases', unpack(scores, first, last))
  call('HSET', base .. 'held:' .. worker, unpack(held, first, last))
end
for index = 1, #parked do out[parts + index] = parked[index] end

-- A worker with room left for a kind of task hears of the next one; one that has none must not be woken. What is in its inbox
-- is answered by a claim that found nothing.
if task == 0 then call('DEL', base .. 'inbox:' .. worker) end
call(workflowSlots > workflowTasks and 'SADD' or 'SREM', base .. 'idle:w:' .. queue, worker)
call(activitySlots > activityTasks and 'SADD' or 'SREM', base .. 'idle:a:' .. queue, worker)
passOn(queue, now)

local due = tonumber(nextTimer or '')
local firstLease = tonumber(call('ZRANGE', base .. 'leases', 0, 0, 'WITHSCORES')[2] or '')
if firstLease and suspended and firstLease < hold then firstLease = hold end
if firstLease and (not due or firstLease < due) then due = firstLease end
out[3] = due and digits(due) or ''
out[4], out[5], out[6] = workflowTasks, activityTasks, #parked / 2
return out
