-- check_operations: what is open in a run.

-- A queued task is in its queue, or parked under its type, or with the suspects. More than once does no harm.
local function needsQueue(letter, queue, workflowType, task, stamp)
  local parked = base .. 'parked:' .. #queue .. ':' .. queue .. ':' .. letter .. ':' .. workflowType
  local own = letter .. ':' .. queue
  local lists = { base .. 'queue:' .. own, base .. 'suspects:' .. own, parked }
  needs(lists, task, stamp, 1, math.huge, function()
    violation('a queued task is in its queue or parked', 'the task ' .. task .. ' is in none', 'queues it again',
      function(now)
        evidence = '-'
        push(letter, queue, task, false, false, now)
      end)
  end)
end

-- The hold of a run has the deadline 0; that of an attempt its own, or an earlier one if it needs heartbeats.
local function checkHeld(holder, nonce, deadline, member, heartbeat)
  local key = base .. 'held:' .. holder
  local held = call('HGET', key, nonce) or 'nothing for the nonce ' .. nonce
  local ending, task = string.match(held, '^(%d+) (.*)$')
  ending = tonumber(ending)
  if task ~= member or ending ~= deadline and not (heartbeat and ending < deadline) then
    violation('what is leased is among what its holder holds', held, 'adds it', function(now)
      local first = heartbeat and math.min(deadline, now + heartbeat) or deadline
      call('HSET', key, nonce, digits(first) .. ' ' .. member)
    end)
    return
  end
  local function renew(now)
    local expiry = now + (call('HGET', base .. 'worker:' .. holder, 'lease') or 60000)
    call('ZADD', base .. 'leases', digits(ending > 0 and math.min(ending, expiry) or expiry), member)
  end
  local lease = score('leases', member)
  if not lease then
    violation('what is leased has a lease', 'none', 'makes one', renew)
  elseif ending > 0 and lease > ending then
    -- Of a worker that was not heard of since the deadline it lasts until its registration lapses.
    local record = call('HMGET', base .. 'worker:' .. holder, 'expires', 'lease')
    if ending > clock() or lease > tonumber(record[1] or 0) then
      violation('the lease of an attempt lasts past its deadline only while its worker may live',
        digits(lease) .. ' > ' .. held, 'renews it', renew)
    end
  end
end

-- An activity has the timer that its state needs, and no other.
local function checkTimers(activity)
  local timers, start, _, heartbeat, close = base .. 'timers', limits(activity.spec)
  local wanted = { r = activity.state == 'r', e = activity.state == 'e', q = false }
  if activity.state == 'q' then
    wanted.q = start ~= nil or close ~= nil
    if wanted.q ~= (activity.due > 0) then
      violation('a queued activity has a deadline if it may not wait for ever', digits(activity.due),
        'counts its deadline from now', function(now)
          activity.due = math.min(start and now + start or math.huge, close or math.huge)
          if activity.due == math.huge then activity.due = 0 end
          saveActivity(activity)
        end)
    end
  end
  for letter, isWanted in pairs(wanted) do
    local member = letter .. ':' .. activity.operation .. ':' .. activity.ref
    local due = score('timers', member)
    if due and not isWanted then
      violation('an activity has a timer only in the state that needs it', member .. ' in state ' .. activity.state,
        'removes it', function() call('ZREM', timers, member) end)
    elseif isWanted and due ~= activity.due and not (due and letter == 'e' and heartbeat and due < activity.due) then
      violation('an activity has the timer that its state needs', member .. ' at ' .. tostring(due), 'sets it',
        function() call('ZADD', timers, digits(activity.due), member) end)
    end
  end
  if activity.state == 'r' and close and activity.due >= close then
    violation('the next attempt comes before schedule-to-close passes', digits(activity.due) .. ' >= ' ..
      digits(close), 'makes it now', function(now)
        activity.due = math.min(now, close - 1)
        saveActivity(activity)
        call('ZADD', timers, digits(activity.due), 'r:' .. activity.operation .. ':' .. activity.ref)
      end)
  end
end

local function checkActivity(run, operation, text)
  local activity = loadActivity(run.ref, operation)
  if not activity or not names(activity.spec) then
    return damaged(run, 'an open operation can be read', 'operation ' .. operation)
  end
  if call('HEXISTS', activity.key, operation .. ':in') == 0 then
    damaged(run, 'an open activity has its input', 'none for operation ' .. operation)
  end
  local name, workflowType, _, queue = names(activity.spec)
  if workflowType ~= run.type then
    violation('an activity knows the type of its run', workflowType, 'tells it', function()
      activity.spec = string.sub(activity.spec, 1, #activity.spec - #workflowType) .. run.type
      saveActivity(activity)
    end)
  end
  local lease = 'a:' .. operation .. ':' .. run.ref
  if activity.state == 'l' then
    local _, _, heartbeat = limits(activity.spec)
    checkHeld(activity.holder, activity.nonce, activity.due, lease, heartbeat)
  elseif score('leases', lease) then
    violation('only what is leased has a lease', lease .. ' in state ' .. activity.state, 'removes it',
      function() call('ZREM', base .. 'leases', lease) end)
  end
  checkTimers(activity)
  if activity.state == 'q' then needsQueue('a', queue, name, operation .. ':' .. run.ref, text) end
  local stuck = base .. 'stuck:' .. run.ref
  if activity.state == 'b' and call('SISMEMBER', stuck, operation) == 0 then
    violation('a blocked activity is on the list of its run', 'operation ' .. operation, 'puts it there',
      function() call('SADD', stuck, operation) end)
  end
end

-- A child's operation waits for the child, or for a message that starts it or tells of its end.
local function checkChild(run, operation, text, id)
  local link = operation .. ':' .. run.ref
  local newest = call('HGET', base .. 'newest', id)
  local child = newest and load(newest .. ':' .. id)
  local isOpen = child and not child.closed and child.parent == link
  local messages = isOpen and 0 or 1
  local stamp = text .. ' ' .. tostring(newest) .. ' ' .. tostring(child and child.state)
  needs({ base .. 'outbox' }, 'child ' .. link, stamp, messages, messages, function()
    if isOpen then
      violation('an open child operation has an open child, or one message under way', 'both for operation ' ..
        operation, 'none: a claim delivers the message')
    else
      damaged(run, 'an open child operation has an open child, or one message under way', 'none for operation ' ..
        operation, 'nobody will tell the parent of the child “' .. id .. '”: terminate the parent and start it again')
    end
  end)
end

-- A field of a run's operations: "<field> <run>".
function checks.operation(name)
  local field, ref = string.match(name, '^(%S+) (.*)$')
  local run = load(ref)
  local ops = base .. 'ops:' .. ref
  if not run or run.closed or call('HEXISTS', ops, field) == 0 then return end
  local operation = string.match(field, '^%d+')
  if operation ~= field then
    if call('HEXISTS', ops, operation or '') == 0 then
      violation('inputs, failures and heartbeats belong to an open operation', field, 'removes it',
        function() call('HDEL', ops, field) end)
    end
    return
  end
  local text = call('HGET', ops, operation)
  local due, child = string.match(text, '^t (%d+)$'), string.match(text, '^c %S+ (.*)$')
  if child then
    checkChild(run, operation, text, child)
  elseif due then
    local member = 't:' .. operation .. ':' .. ref
    if score('timers', member) ~= tonumber(due) then
      violation('an open timer is among the timers', 'operation ' .. operation, 'sets it',
        function() call('ZADD', base .. 'timers', due, member) end)
    end
  else
    checkActivity(run, operation, text)
  end
end

-- The key of the set of a run's blocked activities, and an operation.
function checks.stuck(name)
  local key, operation = unpack(unpacked(name))
  local activity = loadActivity(string.sub(key, #base + #'stuck:' + 1), operation)
  if call('SISMEMBER', key, operation) == 1 and (not activity or activity.state ~= 'b') then
    violation('what is on the list of the blocked activities is blocked', activity and activity.state, 'removes it',
      function() call('SREM', key, operation) end)
  end
end
