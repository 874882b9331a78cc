-- start: starts a run, or accepts a delayed start.
--
-- ARGV: workflow id, request id, queue, type, version, start record, due ('' = now)
-- Reply: "started" or "open" or "known", run number
-- Checks first: whether the request has started a run of this id already ("known"), and whether another run of it is
-- open ("open"). Out of memory is refused by the first write.
local id, request, queue, workflowType, version, record, due =
  ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5], ARGV[6], ARGV[7]
local newest = call('HGET', base .. 'newest', id)
local number, newestState = newest, nil
-- Each run names the one before it, so that a late repeat of an old request finds its run while that is kept.
for _ = 1, 64 do
  if not number then break end
  local fields = call('HMGET', base .. 'run:' .. number .. ':' .. id, 'request', 'state', 'previous')
  if fields[1] == request then return { 'known', number } end
  newestState = newestState or fields[2]
  number = fields[3]
end
if newestState and not string.find(closedStates, string.match(newestState, '^%a+'), 1, true) then
  return { 'open', newest }
end

local now = clock()
local delayed = due ~= '' and tonumber(due) > now
local run = call('HINCRBY', meta, 'runs', 1)
local ref = run .. ':' .. id
local value = now .. ' 0 ' .. record
call('XADD', base .. 'history:' .. ref, '1-0', delayed and 'scheduled' or 'started', value)
local key = base .. 'run:' .. ref
call('HSET', key,
  'state', (delayed and 'delayed' or 'queued') .. ' 1 1 0 ' .. now .. ' ' .. #value,
  'queue', queue, 'type', workflowType, 'request', request, 'version', version,
  delayed and 'due' or 'started', delayed and due or now)
if newest then call('HSET', key, 'previous', newest) end
call('HSET', base .. 'newest', id, run)
call('ZADD', base .. 'open', now, ref)
if delayed then
  call('ZADD', base .. 'timers', due, 's:' .. ref)
  watchTimer('s:' .. ref, queue, now)
else
  push('w', queue, ref, false, false, now)
end
return { 'started', run }
