-- together: what a script shares that does many things, for many runs: a run or an activity that several of them are about is
-- read once and written once, what has to do with the holds of workers is written at the end in a few commands, and a task for
-- the queue from which the script claims afterwards need not go through its list. Nothing is different for it: what is
-- shared counts as if it was written.
--
-- What reads runs, operations or queues without load() and loadActivity() must call saveTogether() before.
--
-- `queue` is the queue from which the script claims, or nil.
local function beginTogether(queue)
  together = {
    runs = {}, activities = {}, changedRuns = {}, changedActivities = {}, queue = queue, w = {}, a = {}, leases = {},
    holders = {}, held = {}, closed = {}, told = {},
  }
end

-- Ends a worker's hold on something; `member` is that of leases.
local function unhold(holder, nonce, member)
  local leases = together.leases
  leases[#leases + 1] = member
  local nonces = together.held[holder]
  if not nonces then
    nonces = {}
    together.held[holder] = nonces
    table.insert(together.holders, holder)
  end
  nonces[#nonces + 1] = nonce
end

-- Writes which holds have ended: before new ones begin.
local function saveHolds()
  local shared = together
  chunked('ZREM', base .. 'leases', shared.leases)
  for index = 1, #shared.holders do
    chunked('HDEL', base .. 'held:' .. shared.holders[index], shared.held[shared.holders[index]])
  end
  shared.leases, shared.holders, shared.held = {}, {}, {}
end

-- Nothing is shared any more if `isLast`.
function saveTogether(isLast)
  local shared = together
  saveHolds()
  local keys, fields = {}, {}
  for index = 1, #shared.changedActivities do
    local activity = shared.changedActivities[index]
    if activity.unsaved then
      local key, list = activity.key, fields[activity.key]
      if not list then
        list = {}
        keys[#keys + 1], fields[key] = key, list
      end
      list[#list + 1], list[#list + 2] = activity.operation, packedActivity(activity)
      for position = 1, #activity.unsaved do list[#list + 1] = activity.unsaved[position] end
    end
  end
  for index = 1, #keys do chunked('HSET', keys[index], fields[keys[index]]) end
  for index = 1, #shared.changedRuns do
    local run = shared.changedRuns[index]
    local unsaved = run.unsaved
    if unsaved then
      run.unsaved = nil
      write(run, unpack(unsaved))
    end
  end
  if #shared.closed > 0 then listClosed(shared.closed) end
  for index = 1, #shared.told do tellClosed(unpack(shared.told[index])) end
  if shared.queue then
    chunked('RPUSH', base .. 'queue:w:' .. shared.queue, shared.w)
    chunked('RPUSH', base .. 'queue:a:' .. shared.queue, shared.a)
  end
  if not isLast then beginTogether(shared.queue) end
end
