-- effects: what a turn's commands put in place or take back.

-- Takes back an operation's lease, timer, hold or block. A queue item stays and is dropped by the claim that draws it.
local function removeSource(run, operation, text)
  if string.sub(text, 1, 2) == 't ' then
    call('ZREM', base .. 'timers', 't:' .. operation .. ':' .. run.ref)
    return
  end
  local activity = loadActivity(run.ref, operation)
  if not activity then return end
  if activity.state == 'l' then
    call('ZREM', base .. 'leases', 'a:' .. operation .. ':' .. run.ref)
    call('HDEL', base .. 'held:' .. activity.holder, activity.nonce)
  elseif activity.state == 'r' then
    call('ZREM', base .. 'timers', 'r:' .. operation .. ':' .. run.ref)
  elseif activity.state == 'b' then
    run.stuck = run.stuck - 1
    run.troubled = true
  end
end

-- Calls a variadic command in bounded pieces: unpack of thousands of items fails, after earlier writes have been made.
local function chunked(command, key, items)
  for first = 1, #items, 512 do call(command, key, unpack(items, first, math.min(first + 511, #items))) end
end

-- Applies the effects in `args` from `position` on. `quiet` is the queue from which the worker itself claims right after.
local function applyEffects(run, args, position, turn, quiet, now)
  local ops = base .. 'ops:' .. run.ref
  local fields, timers, queues, tasks = {}, {}, {}, {}
  local function flush()
    chunked('HSET', ops, fields)
    chunked('ZADD', base .. 'timers', timers)
    fields, timers = {}, {}
  end
  while position <= #args do
    local effect, operation = args[position], args[position + 1]
    if effect == 'a' then
      local queue = args[position + 4]
      local n = #fields
      fields[n + 1], fields[n + 2] = operation, 'a q 1 0 0 0 - - ' .. args[position + 5] .. run.type
      fields[n + 3] = operation .. ':in'
      fields[n + 4] = string.sub(turn, tonumber(args[position + 2]), tonumber(args[position + 3]))
      local list = tasks[queue]
      if not list then
        list = {}
        tasks[queue] = list
        queues[#queues + 1] = queue
      end
      list[#list + 1] = operation .. ':' .. run.ref
      position = position + 6
    elseif effect == 't' then
      local n = #fields
      fields[n + 1], fields[n + 2] = operation, 't ' .. args[position + 2]
      n = #timers
      timers[n + 1], timers[n + 2] = args[position + 2], 't:' .. operation .. ':' .. run.ref
      position = position + 3
    else
      -- It may have been put in place by this very turn.
      flush()
      local text = call('HGET', ops, operation)
      if text then
        removeSource(run, operation, text)
        dropOperation(run.ref, operation)
      end
      position = position + 2
    end
  end
  local earliest
  for index = 1, #timers, 2 do
    if not earliest or tonumber(timers[index]) < tonumber(timers[earliest]) then earliest = index end
  end
  local member = earliest and timers[earliest + 1]
  flush()
  if member and quiet == '' then watchTimer(member, run.queue, now) end
  for index = 1, #queues do
    local queue = queues[index]
    chunked('RPUSH', base .. 'queue:a:' .. queue, tasks[queue])
    if queue ~= quiet then wake('a', queue, now) end
  end
end
