-- continuing: the run after one that continues as new.

-- Starts it with this record. It takes over the parent, the entries whose numbers are in `carried`, and the signals and
-- the request to end that came after the last turn had stepped all it saw. close() must follow.
local function continueAsNew(run, record, carried, quiet, now)
  local number, id = string.match(run.ref, '^(%d+):(.*)$')
  local fields = { 'queue', run.queue, 'type', run.type, 'version', unpacked(record)[3], 'started', now, 'first',
    call('HGET', run.key, 'first') or number }
  if run.parent then fields[#fields + 1], fields[#fields + 2] = 'parent', run.parent end
  local ref, successor = create(id, number, 'idle', 'started', record, now, unpack(fields))
  call('HSET', run.key, 'next', successor)

  local next = load(ref)
  local wanted, position = {}, run.through + 1
  for entry in string.gmatch(carried, '%d+') do
    wanted[tonumber(entry)] = true
    position = math.min(position, tonumber(entry))
  end
  while position <= run.last do
    local entries = call('XRANGE', base .. 'history:' .. run.ref, position .. '-0', '+', 'COUNT', 16)
    if #entries == 0 then break end
    for index = 1, #entries do
      local kind, value = entries[index][2][1], entries[index][2][2]
      local isWanted = position > run.through or wanted[position]
      if isWanted and (kind == 'signalled' or kind == 'cancelRequested') then
        append(next, kind, 0, string.match(value, '^%d+ %d+ (.*)$'), now)
        if kind == 'cancelRequested' then call('HSET', next.key, 'cancel', 1) end
      end
      position = position + 1
    end
  end
  next.paused = run.paused
  settle(next, false, quiet, now)
  save(next)
end
