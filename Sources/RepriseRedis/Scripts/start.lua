-- start: starts a run, or accepts a delayed start.
--
-- ARGV: workflow id, request id, queue, type, version, start record, due ('' = now)
-- Reply: "started" or "open" or "known", run number
-- Checks first: whether the request has started a run of this id already ("known"), and whether another run of it is
-- open ("open"). Out of memory is refused by the first write.
local id, request, queue, workflowType, version, record, due =
  ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5], ARGV[6], ARGV[7]
local found, number = lookUp(id, 'request', request)
if found then return { found, number } end

local now = clock()
local delayed = due ~= '' and tonumber(due) > now
local ref, run = create(id, number, delayed and 'delayed' or 'queued', delayed and 'scheduled' or 'started', record, now,
  'queue', queue, 'type', workflowType, 'request', request, 'version', version, delayed and 'due' or 'started',
  delayed and due or now)
if delayed then
  call('ZADD', base .. 'timers', due, 's:' .. ref)
  watchTimer('s:' .. ref, queue, now)
else
  push('w', queue, ref, false, false, now)
end
return { 'started', run }
