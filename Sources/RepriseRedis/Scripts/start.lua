-- start: starts runs, or accepts delayed starts.
--
-- ARGV: for each eight: workflow id, request id, queue, type, version, start record, due ('' = now), the channel that wants to
--       hear of its end ('' = none)
-- Reply: for each "started" or "open" or "known" and the run number, or an error
-- Checks first: whether the request has started a run of this id already ("known"), and whether another run of it is
-- open ("open"). Out of memory is refused by the first write.
local now = clock()
local time = digits(now)
local count = #ARGV / 8
local ids, newest = {}, {}
for index = 1, count do ids[index] = ARGV[8 * index - 7] end
local found = call('HMGET', base .. 'newest', unpack(ids))
for index = 1, count do newest[ids[index]] = found[index] end

local opened, named, queues, tasks = {}, {}, {}, {}
-- The number of the next run, and how many more may come: those that don't are left out.
local number, left = nil, count

local function start(id, request, queue, workflowType, version, record, due, channel)
  local known, other = lookUp(id, newest[id], 'request', request)
  if known then return { known, other } end
  number = number and number + 1 or call('HINCRBY', meta, 'runs', left) - left + 1
  local delayed = due ~= '' and tonumber(due) > now
  local state, kind, field = 'queued', 'started', 'started'
  if delayed then state, kind, field = 'delayed', 'scheduled', 'due' end
  local waiters = channel ~= '' and { 'waiters', channel .. ':0' } or {}
  local ref = create(id, number, newest[id], state, kind, record, now, 'queue', queue, 'type', workflowType,
    'request', request, 'version', version, field, delayed and due or time, unpack(waiters))
  newest[id] = digits(number)
  named[#named + 1], named[#named + 2] = id, newest[id]
  opened[#opened + 1], opened[#opened + 2] = time, ref
  if delayed then
    call('ZADD', base .. 'timers', due, 's:' .. ref)
    watchTimer('s:' .. ref, queue, now)
  else
    local list = tasks[queue]
    if not list then
      list = {}
      tasks[queue], queues[#queues + 1] = list, queue
    end
    list[#list + 1] = ref
  end
  return { 'started', newest[id] }
end

local reply = {}
for first = 1, #ARGV, 8 do
  reply[#reply + 1] = attempted(start, unpack(ARGV, first, first + 7))
  left = left - 1
end
if #named > 0 then
  call('HSET', base .. 'newest', unpack(named))
  call('ZADD', base .. 'open', unpack(opened))
end
for index = 1, #queues do
  local queue = queues[index]
  call('RPUSH', base .. 'queue:w:' .. queue, unpack(tasks[queue]))
  for _ = 1, #tasks[queue] do
    if not wake('w', queue, now) then break end
  end
end
return reply
