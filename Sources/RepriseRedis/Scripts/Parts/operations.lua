-- operations: the open operations of a run, one hash "ops:<run>", absent when nothing is open. It is the authority:
-- a queue item, lease or timer whose field is gone, or is in another state, means nothing.
--
-- <op>:       "t <due>" for a timer, or
--             "c <parent close policy> <workflow id>" for a child, or
--             "a <state> <attempt> <deliveries> <deaths> <due> <nonce> <holder> <spec>" for an activity;
--             state: q queued or parked, l leased, r retry at due, b blocked; due: the attempt's deadline, or the
--             retry's time, or 0; nonce and holder of its last claim, or "-"
-- <op>:in     the input;  <op>:error  the last failure, in JSON
-- <spec>:     "<timeout> <initial> <multiplier> <maximum> <attempts> <length>:<queue><length>:<name><workflow type>"

-- Reads an activity, or nil if the operation isn't open or is something else.
local function loadActivity(ref, operation)
  local key = base .. 'ops:' .. ref
  local text = call('HGET', key, operation)
  if not text then return nil end
  local state, attempt, deliveries, deaths, due, nonce, holder, spec =
    string.match(text, '^a (%a) (%d+) (%d+) (%d+) (%d+) (%S+) (%S+) (.*)$')
  if not state then return nil end
  return {
    key = key, ref = ref, operation = operation, state = state, attempt = tonumber(attempt),
    deliveries = tonumber(deliveries), deaths = tonumber(deaths), due = tonumber(due), nonce = nonce, holder = holder,
    spec = spec,
  }
end

local function saveActivity(activity, ...)
  call('HSET', activity.key, activity.operation, 'a ' .. activity.state .. ' ' .. activity.attempt .. ' ' ..
    activity.deliveries .. ' ' .. activity.deaths .. ' ' .. digits(activity.due) .. ' ' .. activity.nonce .. ' ' ..
    activity.holder .. ' ' .. activity.spec, ...)
end

-- The name and the workflow type in a spec, and the timeout and the queue.
local function names(spec)
  local timeout, length, rest = string.match(spec, '^(%d+) %S+ %S+ %S+ %S+ (%d+):(.*)$')
  length = tonumber(length)
  local queue = string.sub(rest, 1, length)
  local size, tail = string.match(string.sub(rest, length + 1), '^(%d+):(.*)$')
  size = tonumber(size)
  return string.sub(tail, 1, size), string.sub(tail, size + 1), tonumber(timeout), queue
end

-- Removes an operation that is resolved.
local function dropOperation(ref, operation)
  call('HDEL', base .. 'ops:' .. ref, operation, operation .. ':in', operation .. ':error')
end
