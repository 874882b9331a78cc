-- continuing: the run after one that continues as new. Answers gather(...) and continueAsNew(...).

-- Reads what the next run takes over and hasn't yet: the entries whose numbers are in `carried`, or, of a next run that is
-- prepared with so many of them as `carried` says, what came since. nil if it is too much for one script, or the prepared run
-- isn't there. Writes nothing.
local function gather(run, carried, prepared, through, limit, bytes)
  local entries, position = {}, through + 1
  if prepared then
    local fields = call('HMGET', base .. 'run:' .. prepared, 'copied', 'position')
    if fields[1] ~= carried or call('EXISTS', base .. 'history:' .. prepared) == 0 then return nil end
    position = tonumber(fields[2])
  else
    local numbers = {}
    for number in string.gmatch(carried, '%d+') do numbers[#numbers + 1] = number end
    local count, left = readNamed(run.ref, numbers, bytes, entries)
    if count < #numbers or left <= 0 then return nil end
    bytes = left
  end
  if position <= run.last and readUnseen(run, position, limit, bytes, entries) <= run.last then return nil end
  return entries
end

-- Makes a prepared run the newest of its workflow id, as create() does with a new one.
local function adopt(id, previous, prepared, now, ...)
  local number = call('HINCRBY', meta, 'runs', 1)
  local ref = number .. ':' .. id
  for _, key in ipairs({ 'run:', 'history:' }) do
    call('RENAME', base .. key .. prepared, base .. key .. ref)
    call('PERSIST', base .. key .. ref)
  end
  call('HDEL', base .. 'run:' .. ref, 'copied', 'position')
  call('HSET', base .. 'run:' .. ref, 'previous', previous, ...)
  call('HSET', base .. 'newest', id, number)
  call('ZADD', base .. 'open', now, ref)
  return ref, number
end

-- Starts it with this record, or makes it of the prepared one; it takes over the parent, and what gather() read. close() must
-- follow.
local function continueAsNew(run, record, prepared, entries, quiet, now)
  local number, id = string.match(run.ref, '^(%d+):(.*)$')
  local fields = { 'queue', run.queue, 'type', run.type, 'version', unpacked(record)[3], 'first',
    call('HGET', run.key, 'first') or number }
  if run.parent then fields[#fields + 1], fields[#fields + 2] = 'parent', run.parent end
  local ref, successor
  if prepared then
    ref, successor = adopt(id, number, prepared, now, unpack(fields))
  else
    ref, successor = createListed(id, number, 'idle', 'started', record, now, 'started', now, unpack(fields))
  end
  call('HSET', run.key, 'next', successor)

  local next = load(ref)
  for index = 1, #entries, 2 do carry(next, entries[index], entries[index + 1], now) end
  next.paused = run.paused
  settle(next, false, quiet, now)
  save(next)
end
