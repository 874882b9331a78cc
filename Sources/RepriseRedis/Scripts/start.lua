-- start: starts runs, or accepts delayed starts.
--
-- ARGV: for each eight: workflow id, request id, queue, type, version, start record, due ('' = now), the channel that wants to
--       hear of its end ('' = none)
-- Reply: for each "started" or "open" or "known" and the run number, or an error
-- Checks first: whether the request has started a run of this id already ("known"), and whether another run of it is
-- open ("open"). Out of memory is refused by the first write.
local now = clock()
local opened, queues, tasks = {}, {}, {}

local function start(id, request, queue, workflowType, version, record, due, channel)
  local found, number = lookUp(id, 'request', request)
  if found then return { found, number } end
  local delayed = due ~= '' and tonumber(due) > now
  local fields = { 'queue', queue, 'type', workflowType, 'request', request, 'version', version,
    delayed and 'due' or 'started', delayed and due or now }
  if channel ~= '' then fields[11], fields[12] = 'waiters', channel .. ':0' end
  local ref, run = create(id, number, delayed and 'delayed' or 'queued', delayed and 'scheduled' or 'started', record, now,
    unpack(fields))
  opened[#opened + 1], opened[#opened + 2] = now, ref
  if delayed then
    call('ZADD', base .. 'timers', due, 's:' .. ref)
    watchTimer('s:' .. ref, queue, now)
  else
    if not tasks[queue] then tasks[queue], queues[#queues + 1] = {}, queue end
    table.insert(tasks[queue], ref)
  end
  return { 'started', run }
end

local reply = {}
for first = 1, #ARGV, 8 do reply[#reply + 1] = attempted(start, unpack(ARGV, first, first + 7)) end
if #opened > 0 then call('ZADD', base .. 'open', unpack(opened)) end
for index = 1, #queues do
  local queue = queues[index]
  call('RPUSH', base .. 'queue:w:' .. queue, unpack(tasks[queue]))
  for _ = 1, #tasks[queue] do
    if not wake('w', queue, now) then break end
  end
end
return reply
