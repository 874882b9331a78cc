-- dropping: takes tasks that are not to be done any more out of the lists in which they wait. A claim drops them, too, when
-- it draws them; but there may be nobody who draws from a queue, or who knows a type that is parked, and then its list would
-- grow for ever.
--
-- A task is looked for among the first and the last 1024 of a list, as are 64 others in a script, until two were not there.
-- So that in the end all go, up to 512 that wait for nothing are first taken from the front of the list, and up to 1024 from
-- all lists: what a script puts into one must be saved before it drops anything.
--
-- Answers drop(queue, kind, task), the same one throughout a script; `kind` is "w:<workflow type>" or "a:<activity>".
local onlyDrop
local function dropping()
  if onlyDrop then return onlyDrop end
  local reach, searches, misses, purged, pages = 1024, 64, 0, {}, 64

  local function takeFrom(list, task)
    if call('LPOS', list, task, 'MAXLEN', reach) then return call('LREM', list, 1, task) end
    return call('LLEN', list) > reach and call('LPOS', list, task, 'RANK', -1, 'MAXLEN', reach) and
      call('LREM', list, -1, task)
  end

  -- Whether a claim would drop a task. What is stored of one and can't be read may be mended.
  local function isStale(letter, task)
    local text, readable, waits
    if letter == 'w' then
      text, readable, waits = redis.pcall('HGET', base .. 'run:' .. task, 'state'), '^%a+ %d+ ', '^queued '
    else
      local operation, ref = string.match(task, '^(%d+):(.*)$')
      if not ref then return true end
      text, readable, waits = redis.pcall('HGET', base .. 'ops:' .. ref, operation), '^[act] ', '^a q '
    end
    if type(text) == 'table' then return false end
    return not text or string.find(text, readable) and not string.find(text, waits)
  end

  -- A list of parked tasks that got empty is off the list of such lists.
  local function noteParked(queue, kind, parked)
    if call('EXISTS', parked) == 0 and call('SREM', base .. 'parkedTypes:' .. queue, kind) == 1 then
      call('HINCRBY', meta, 'parked', -1)
    end
  end

  local function purge(letter, list)
    purged[list] = true
    for _ = 1, math.min(32, pages) do
      pages = pages - 1
      local tasks, count = call('LRANGE', list, 0, 15), 0
      while count < #tasks and isStale(letter, tasks[count + 1]) do count = count + 1 end
      if count > 0 then call('LTRIM', list, count, -1) end
      if count < 16 then return end
    end
  end

  local function drop(queue, kind, task)
    local letter = string.sub(kind, 1, 1)
    local waiting = base .. 'queue:' .. letter .. ':' .. queue
    local parked = base .. 'parked:' .. #queue .. ':' .. queue .. ':' .. kind
    if not purged[waiting] then purge(letter, waiting) end
    if not purged[parked] then
      purge(letter, parked)
      noteParked(queue, kind, parked)
    end
    if searches == 0 or misses == 2 then return end
    searches = searches - 1
    if takeFrom(waiting, task) then return end
    if takeFrom(parked, task) then return noteParked(queue, kind, parked) end
    if takeFrom(base .. 'suspects:' .. letter .. ':' .. queue, task) then return call('HINCRBY', meta, 'suspects', -1) end
    misses = misses + 1
  end

  onlyDrop = drop
  return drop
end
