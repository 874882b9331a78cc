-- operations: the open operations of a run, one hash "ops:<run>", absent when nothing is open. It is the authority:
-- a queue item, lease or timer whose field is gone, or is in another state, means nothing.
--
-- <op>:       "t <due>" for a timer, or
--             "c <parent close policy> <workflow id>" for a child, or
--             "a <state> <attempt> <deliveries> <deaths> <due> <nonce> <holder> <spec>" for an activity;
--             state and due:  q  queued or parked, until the earlier of its schedule-to-start and schedule-to-close
--                                deadlines; 0 if it has neither
--                             l  leased, and e: it goes on elsewhere; until the attempt's deadline, heartbeats apart
--                             r  waits for its next attempt, at due
--                             b  blocked; due is 0
--             nonce and holder of its last claim, or "-"
-- <op>:in     the input;  <op>:error  the failure of the attempt before, in JSON without the number of attempts;
-- <op>:hb     the details of the last heartbeat
-- <spec>:     "<timeouts> <retry> <length>:<queue><length>:<name><workflow type>"
-- <timeouts>: "<start-to-close>", or if there are others "<start-to-close>/<schedule-to-start>/<schedule-to-close>/
--             <heartbeat>/<deadline of schedule-to-close>", each of these in ms or "-"
-- <retry>:    "-" for one attempt, or "<initial>/<multiplier>/<maximum>/<attempts or ->/<jitter>/<never>", where never is
--             empty or the types that aren't retried, with a comma before, between and after them

-- Reads an activity, or nil if the operation isn't open, is something else, or can't be read.
local function loadActivity(ref, operation)
  local item = operation .. ':' .. ref
  if together and together.activities[item] then return together.activities[item] end
  local key = base .. 'ops:' .. ref
  local text = redis.pcall('HGET', key, operation)
  if type(text) ~= 'string' then return nil end
  local state, attempt, deliveries, deaths, due, nonce, holder, spec =
    string.match(text, '^a (%a) (%d+) (%d+) (%d+) (%d+) (%S+) (%S+) (.*)$')
  if not state then return nil end
  local activity = {
    key = key, ref = ref, operation = operation, state = state, attempt = tonumber(attempt),
    deliveries = tonumber(deliveries), deaths = tonumber(deaths), due = tonumber(due), nonce = nonce, holder = holder,
    spec = spec,
  }
  if together then together.activities[item] = activity end
  return activity
end

local function packedActivity(activity)
  return string.format('a %s %d %d %d %d %s %s ', activity.state, activity.attempt, activity.deliveries, activity.deaths,
    activity.due, activity.nonce, activity.holder) .. activity.spec
end

-- Writes what loadActivity() read and a script changed, and more fields of the operations if they are given. A script that
-- does many things writes it when it has done all.
local function saveActivity(activity, ...)
  if not together then
    return call('HSET', activity.key, activity.operation, packedActivity(activity), ...)
  end
  local fields = activity.unsaved
  if not fields then
    fields = {}
    activity.unsaved = fields
    together.activities[activity.operation .. ':' .. activity.ref] = activity
    table.insert(together.changedActivities, activity)
  end
  for index = 1, select('#', ...) do fields[#fields + 1] = select(index, ...) end
end

-- The name and the workflow type in a spec, the start-to-close timeout and the queue, and whether it has other timeouts; nil if
-- it can't be read.
local function names(spec)
  local timeout, others, length, rest = string.match(spec, '^(%d+)(/?)%S* %S+ (%d+):(.*)$')
  if not timeout then return nil end
  length = tonumber(length)
  local queue = string.sub(rest, 1, length)
  local size, tail = string.match(string.sub(rest, length + 1), '^(%d+):(.*)$')
  if not size then return nil end
  size = tonumber(size)
  return string.sub(tail, 1, size), string.sub(tail, size + 1), tonumber(timeout), queue, others ~= ''
end

-- The timeouts of a spec beside start-to-close: schedule-to-start, schedule-to-close, heartbeat, and the deadline of
-- schedule-to-close; nil for each that it hasn't.
local function limits(spec)
  local start, close, heartbeat, deadline = string.match(spec, '^%d+/(%S-)/(%S-)/(%S-)/(%S+)')
  return tonumber(start), tonumber(close), tonumber(heartbeat), tonumber(deadline)
end

-- Removes an operation that is resolved.
local function dropOperation(ref, operation)
  local activity = together and together.activities[operation .. ':' .. ref]
  if activity then
    activity.unsaved, together.activities[operation .. ':' .. ref] = nil, nil
  end
  call('HDEL', base .. 'ops:' .. ref, operation, operation .. ':in', operation .. ':error', operation .. ':hb')
end
