-- starting: new runs, for clients and for parents.

-- Looks for a run of a workflow id that was started with this value of `field`, "request" or "parent". Answers "known" and
-- its number; or "open" and the number of another run that is open; or nil and the newest number, if there is any. Then how
-- many runs it looked at.
--
-- Each run names the one before it, or, if it is one in a chain of runs that continued as new, the first of them, so that
-- a late repeat finds its run while that is kept.
--
-- `newest` is the number of the newest run of the id, false if it has none.
local function lookUp(id, newest, field, value)
  local number, newestState = newest, nil
  local looks = 0
  while number and looks < 64 do
    looks = looks + 1
    local fields = call('HMGET', base .. 'run:' .. number .. ':' .. id, field, 'state', 'first', 'previous')
    if fields[1] == value then return 'known', number, looks end
    newestState = newestState or fields[2]
    number = fields[3] or fields[4]
  end
  if newestState and not closedStates[string.match(newestState, '^%a+')] then
    return 'open', newest, looks
  end
  return nil, newest, looks
end

-- Writes a new run whose history is one entry. Answers its reference. `state` and then more fields of the hash are given. The
-- caller takes the number from meta's field "runs", and lists the run in the sorted set "open" and the hash "newest".
local function create(id, number, previous, state, kind, record, now, ...)
  local ref = digits(number) .. ':' .. id
  local history, header = base .. 'history:' .. ref, digits(now) .. ' 0 '
  if #record < longPayload then
    call('XADD', history, '1-0', kind, header .. record)
  else
    call('XADD', history, '1-0', kind, header, '', record)
  end
  local key = base .. 'run:' .. ref
  call('HSET', key, 'state', string.format('%s 1 1 0 %d %d', state, now, #header + #record), ...)
  if previous then call('HSET', key, 'previous', previous) end
  return ref
end

-- The same for one run that comes alone: takes its number, and lists it. Answers its reference and its number.
local function createListed(id, previous, state, kind, record, now, ...)
  local number = call('HINCRBY', meta, 'runs', 1)
  local ref = create(id, number, previous, state, kind, record, now, ...)
  call('HSET', base .. 'newest', id, number)
  call('ZADD', base .. 'open', now, ref)
  return ref, number
end
