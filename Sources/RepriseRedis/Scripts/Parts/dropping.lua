-- dropping: takes tasks that are not to be done any more out of the lists in which they wait. A claim drops them, too, when
-- it draws them; but there may be nobody who draws from a queue, or who knows a type that is parked, and then its list would
-- grow for ever. Only the first and the last 1024 of a list are looked at. Once two were not there, nothing more is looked
-- for: instead, up to 512 old ones of this sort are taken from the front of the list, so that in the end they all go.
--
-- Answers drop(queue, kind, task); `kind` is "w:<workflow type>" or "a:<activity>".
local function dropping()
  local reach, misses = 1024, 0

  local function takeFrom(list, task)
    if call('LPOS', list, task, 'MAXLEN', reach) then return call('LREM', list, 1, task) end
    return call('LLEN', list) > reach and call('LPOS', list, task, 'RANK', -1, 'MAXLEN', reach) and
      call('LREM', list, -1, task)
  end

  -- Whether a claim would drop a task.
  local function isStale(letter, task)
    if letter == 'w' then return not string.find(call('HGET', base .. 'run:' .. task, 'state') or '', '^queued ') end
    local operation, ref = string.match(task, '^(%d+):(.*)$')
    return string.sub(call('HGET', base .. 'ops:' .. ref, operation) or '', 1, 4) ~= 'a q '
  end

  local function purge(letter, list)
    for _ = 1, 32 do
      local tasks, count = call('LRANGE', list, 0, 15), 0
      while count < #tasks and isStale(letter, tasks[count + 1]) do count = count + 1 end
      if count > 0 then call('LTRIM', list, count, -1) end
      if count < 16 then return end
    end
  end

  -- A list of parked tasks that got empty is off the list of such lists.
  local function noteParked(queue, kind, list)
    if call('EXISTS', list) == 0 and call('SREM', base .. 'parkedTypes:' .. queue, kind) == 1 then
      call('HINCRBY', meta, 'parked', -1)
    end
  end

  local function drop(queue, kind, task)
    if misses == 2 then return end
    local letter = string.sub(kind, 1, 1)
    local waiting = base .. 'queue:' .. letter .. ':' .. queue
    local parked = base .. 'parked:' .. #queue .. ':' .. queue .. ':' .. kind
    if takeFrom(waiting, task) then return end
    if takeFrom(parked, task) then return noteParked(queue, kind, parked) end
    for _, word in ipairs({ 'suspects:', 'finals:' }) do
      if takeFrom(base .. word .. letter .. ':' .. queue, task) then return call('HINCRBY', meta, 'suspects', -1) end
    end
    misses = misses + 1
    if misses == 2 then
      purge(letter, waiting)
      purge(letter, parked)
      noteParked(queue, kind, parked)
    end
  end

  return drop
end
