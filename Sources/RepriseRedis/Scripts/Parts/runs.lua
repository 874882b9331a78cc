-- runs: a run's hash, its history and its place in a queue.
--
-- state:   "<state> <last entry> <last arrival> <through> <time of the last entry> <bytes of history>", and then " " and
--          "p" while it is not to be moved until it is resumed, whether its state is "paused" already or not yet,
--          "s" while effects of its last turn are staged, see staging.lua: it is queued for them and takes no turn
-- claim:   "<epoch> <nonce> <holder>" of the last claim; absent before the first
-- commit:  "<nonce> <worker> <entry>" of the last commit, and up to which entry the worker knows the history then; absent before
--          the first
-- trouble: "<turn failures> <deaths> <blocked activities>", and " t" if it was blocked since its last commit, and another build
--          tries it; absent if all are 0 and it is not so
-- tried:   the builds that it was blocked by since it last committed or was unblocked by hand, a JSON array
-- waiters: channels that want to hear of it, see waiters.lua
-- parent:  "<operation>:<parent run>" of a child, see messages.lua
-- first:   of a run that another one continued as: the number of the first of them
-- stuck:   of a run with a blocked activity: the arguments of block(), in JSON
-- next:    the number of the run that it continued as

-- Reads a run into a table, or nil if there is none, or none that can be read. Writes nothing.
local function load(ref)
  if together and together.runs[ref] then return together.runs[ref] end
  local key = base .. 'run:' .. ref
  local fields = redis.pcall('HMGET', key, 'state', 'queue', 'type', 'claim', 'commit', 'trouble', 'waiters', 'parent')
  if not fields[1] then return nil end
  local state, last, arrival, through, time, bytes, mark =
    string.match(fields[1], '^(%a+) (%d+) (%d+) (%d+) (%d+) (%d+) ?(p?s?)$')
  if not state then return nil end
  local run = {
    ref = ref, key = key, state = state, last = tonumber(last), arrival = tonumber(arrival), through = tonumber(through),
    time = tonumber(time), bytes = tonumber(bytes), queue = fields[2] or '', type = fields[3] or '', claim = fields[4],
    commit = fields[5], failures = 0, deaths = 0, stuck = 0, waiters = fields[7], parent = fields[8],
    closed = closedStates[state], paused = false, staged = false,
  }
  if mark ~= '' then run.paused, run.staged = string.find(mark, 'p', 1, true) ~= nil, string.find(mark, 's', 1, true) ~= nil end
  local trouble = fields[6]
  if trouble then
    local failures, deaths, stuck, tried = string.match(trouble, '^(%d+) (%d+) (%d+)( ?t?)$')
    run.failures, run.deaths, run.stuck = tonumber(failures) or 0, tonumber(deaths) or 0, tonumber(stuck) or 0
    run.troubled, run.isTried = trouble, tried == ' t'
  end
  if together then together.runs[ref] = run end
  return run
end

-- What the field "state" of a run is.
local function packedState(run)
  local mark = ''
  if run.paused or run.staged then mark = ' ' .. (run.paused and 'p' or '') .. (run.staged and 's' or '') end
  return string.format('%s %d %d %d %d %d%s', run.state, run.last, run.arrival, run.through, run.time, run.bytes, mark)
end

-- Writes what load() read and a script changed, and more fields of the hash if they are given.
local function write(run, ...)
  call('HSET', run.key, 'state', packedState(run), ...)
  if run.waiters and string.find(run.waiters, '*', 1, true) then
    for channel in string.gmatch(run.waiters, '%*([^:]+):') do
      call('PUBLISH', base .. 'replies:' .. channel, #run.ref .. ':' .. run.ref)
    end
  end
end

-- The same, but a script that does many things writes it when it has done all.
local function save(run, name, value, ...)
  if not together then
    if name then return write(run, name, value, ...) end
    return write(run)
  end
  local fields = run.unsaved
  if not fields then
    fields = {}
    run.unsaved = fields
    together.runs[run.ref] = run
    local changed = together.changedRuns
    changed[#changed + 1] = run
  end
  if name then
    local count = #fields
    fields[count + 1], fields[count + 2] = name, value
    if ... then return save(run, ...) end
  end
end

-- Adds an entry to a run's history; save() must follow. The explicit id is the second fence: Redis refuses a number
-- that is taken, and NOMKSTREAM a history that is gone. Then nothing is written and the answer is false; or the
-- script ends with Redis' error, if `raises` is true because this is its first write.
local function append(run, kind, reference, payload, now, raises)
  local number = run.last + 1
  local time = now > run.time and now or run.time
  local header = string.format('%d %d ', time, reference)
  local try = raises and call or redis.pcall
  local history, id = base .. 'history:' .. run.ref, digits(number) .. '-0'
  local added, value
  if #payload < longPayload then
    value = header .. payload
    added = try('XADD', history, 'NOMKSTREAM', id, kind, value)
  else
    added = try('XADD', history, 'NOMKSTREAM', id, kind, header, '', payload)
  end
  if type(added) ~= 'string' then
    -- A missing permission or the like says nothing about the history: it is the caller's to hear of.
    if added and not string.find(added.err, ' ID', 1, true) and not string.find(added.err, 'WRONGTYPE', 1, true) then
      error('-' .. added.err, 0)
    end
    return false
  end
  run.last, run.time, run.bytes = number, time, run.bytes + #header + #payload
  run.lastKind, run.lastPayload, run.lastValue = kind, payload, value
  if kind ~= 'turn' then run.arrival = number end
  return true
end

-- Makes a run wait for a person or for another build than `build`; save() must follow. `worker` is the name of the worker
-- whose doing it is, `lastError` what had failed before; '' if there is none.
local function block(run, reason, worker, build, lastError, now)
  run.state = 'blocked'
  local tried, isNew = cjson.decode(call('HGET', run.key, 'tried') or '[]'), true
  for index = 1, #tried do isNew = isNew and tried[index] ~= build end
  if isNew then tried[#tried + 1] = build end
  -- As many as Backend.register(_:) says.
  if #tried > 16 then table.remove(tried, 1) end
  tried = cjson.encode(tried)
  call('HSET', run.key, 'reason', reason, 'worker', worker, 'build', build, 'lastError', lastError, 'since', now,
    'tried', tried)
  call('ZADD', base .. 'blocked', now, run.ref)
  -- See triedPrefix() and blockedKey() in blocking.lua.
  call('ZADD', base .. 'blocked:' .. #run.queue .. ':' .. run.queue .. ':' .. run.type, 0,
    #tried .. ':' .. tried .. ':' .. run.ref)
end

-- Decides where a run goes that stops being leased, delayed, blocked or paused; save() must follow.
local function settle(run, front, quiet, now)
  if run.stuck > 0 and not run.staged then
    local stuck = cjson.decode(call('HGET', run.key, 'stuck') or '["","","",""]')
    block(run, stuck[1], stuck[2], stuck[3], stuck[4], now)
  elseif run.paused and not run.staged then
    run.state = 'paused'
  elseif run.arrival > run.through or run.staged then
    run.state = 'queued'
    push('w', run.queue, run.ref, front, quiet, now)
  else
    run.state = 'idle'
  end
end

-- After an arrival: queues the run if it was idle; save() must follow.
local function arrived(run, quiet, now)
  if run.state == 'idle' then settle(run, false, quiet, now) end
end
