-- check_lists: what leads to runs: members of sorted sets and lists, fields of hashes. Names of items that have several
-- parts are lists of "<length>:<bytes>".

-- Whether an operation is one that a closed run left behind, see clearing.lua.
local function isLeft(operation, ref)
  return ref and call('HEXISTS', base .. 'remains:' .. ref, operation) == 1
end

function checks.lease(member)
  if not score('leases', member) then return end
  local state
  if string.sub(member, 1, 2) == 'w:' then
    local run = load(string.sub(member, 3))
    state = run and run.state
    if state == 'leased' then return end
  else
    local operation, ref = string.match(member, '^a:(%d+):(.*)$')
    local activity = ref and loadActivity(ref, operation)
    state = activity and activity.state
    if state == 'l' or isLeft(operation, ref) then return end
  end
  violation('a lease belongs to what is leased', state, 'removes it',
    function() call('ZREM', base .. 'leases', member) end)
end

function checks.timer(member)
  if not score('timers', member) then return end
  local letter, rest, found = string.sub(member, 1, 1), string.sub(member, 3), nil
  if letter == 's' or letter == 'd' then
    local run = load(rest)
    found = run and run.state
    if found == 'delayed' then return end
  else
    local operation, ref = string.match(rest, '^(%d+):(.*)$')
    found = ref and call('HGET', base .. 'ops:' .. ref, operation)
    if found and string.sub(found, 1, 1) == (letter == 't' and 't' or 'a') or isLeft(operation, ref) then return end
  end
  violation('a timer has something to wake', found, 'removes it', function() call('ZREM', base .. 'timers', member) end)
end

function checks.blocked(ref)
  local run = load(ref)
  if score('blocked', ref) and (not run or run.state ~= 'blocked') then
    violation('what is on the list of the blocked runs is blocked', run and run.state, 'removes it',
      function() call('ZREM', base .. 'blocked', ref) end)
  end
end

-- The key of a set of blocked runs, and a member.
function checks.blockedOfType(name)
  local key, member = unpack(unpacked(name))
  if not call('ZSCORE', key, member) then return end
  local length, rest = string.match(member, '^(%d+):(.*)$')
  local run = length and load(string.sub(rest, tonumber(length) + 2))
  if not run or run.state ~= 'blocked' then
    violation('only a blocked run is on the list of the blocked ones of its type', run and run.state, 'removes it',
      function() call('ZREM', key, member) end)
  end
end

-- The key of what a worker holds, and a nonce.
function checks.held(name)
  local key, nonce = unpack(unpacked(name))
  local held = call('HGET', key, nonce)
  local member = string.match(held or '', '^%d+ (.*)$') or ''
  if held and not score('leases', member) and not isLeft(string.match(member, '^a:(%d+):(.*)$')) then
    violation('what a worker holds has a lease', held, 'removes it', function() call('HDEL', key, nonce) end)
  end
end

function checks.worker(worker)
  if score('workers', worker) and call('EXISTS', base .. 'worker:' .. worker) == 0 then
    violation('a registered worker has a record', 'none', 'takes it off the list',
      function() call('ZREM', base .. 'workers', worker) end)
  end
end

-- The key of a set of idle workers, and a worker.
function checks.idle(name)
  local key, worker = unpack(unpacked(name))
  if call('SISMEMBER', key, worker) == 1 and call('EXISTS', base .. 'worker:' .. worker) == 0 then
    violation('an idle worker is registered', 'it is not', 'removes it', function() call('SREM', key, worker) end)
  end
end

-- A workflow id.
function checks.newest(id)
  local number = call('HGET', base .. 'newest', id)
  if number and call('EXISTS', base .. 'run:' .. number .. ':' .. id) == 0 then
    violation('the newest run of an id exists', number, 'forgets it',
      function() call('HDEL', base .. 'newest', id) end)
  end
end

-- What is in a list of activities: its key, and an entry that a claim couldn't read.
function checks.task(name)
  local key, task = unpack(unpacked(name))
  if string.find(task, '^%d+:%d+:') then return end
  local isFirst = call('LPOS', key, task, 'MAXLEN', 10000)
  if isFirst or call('LPOS', key, task, 'RANK', -1, 'MAXLEN', 10000) then
    violation('a task in a queue can be read', task, 'removes it',
      function() call('LREM', key, isFirst and 1 or -1, task) end)
  end
end

function checks.outbox()
  if call('EXISTS', base .. 'outbox') == 1 and call('HEXISTS', meta, 'outbox') == 0 then
    violation('claims are told of messages', 'they are not', 'tells them', function() call('HSET', meta, 'outbox', 1) end)
  end
end

local counts = {
  parked = { 'SCARD', 'what is parked is counted' },
  suspects = { 'LLEN', 'what is suspect is counted' },
}

-- A count in the meta key, and the keys whose sizes make it up. The caller looks for these, and brings as evidence what meta's
-- "aside" was before: if it is the same, there is no other. A count that is too high costs claims a look, one that is too low
-- hides work: so it becomes lower only then.
function checks.count(name)
  local keys, sum = unpacked(name), 0
  local field = keys[1]
  local size, invariant = unpack(counts[field])
  for index = 2, #keys do sum = sum + call(size, keys[index]) end
  local counted = call('HGET', meta, field) or '0'
  local number = tonumber(counted)
  if number ~= sum and (not number or number < sum or (call('HGET', meta, 'aside') or '0') == evidence) then
    violation(invariant, counted .. ' counted, ' .. sum .. ' found', 'counts again',
      function() call('HSET', meta, field, sum) end)
  end
end

-- What the closed runs count for their retention. The caller adds it up, and brings as evidence what total.lua answered: the
-- marks, and the sum.
function checks.kept()
  local given, marks = unpacked(evidence), { closedMarks() }
  for index = 1, 4 do
    if tostring(marks[index]) ~= given[index] then return end
  end
  if marks[1] ~= given[5] then
    violation('the bytes of the closed runs are counted', marks[1] .. ' counted, ' .. given[5] .. ' found',
      'counts again', function() call('HSET', meta, 'kept', given[5]) end)
  end
end

-- What scripts put aside, see guarding.lua.
function checks.corrupt(item)
  local why = call('HGET', base .. 'corrupt', item)
  if why then
    violation('nothing was put aside as unreadable', why,
      'see to the run that it names, and then: HDEL ' .. base .. 'corrupt ' .. item)
  end
end
