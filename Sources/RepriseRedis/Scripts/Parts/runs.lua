-- runs: a run's hash, its history and its place in a queue.
--
-- state:   "<state> <last entry> <last arrival> <through> <time of the last entry> <bytes of history>"
-- claim:   "<epoch> <nonce> <holder>" of the last claim; absent before the first
-- commit:  "<nonce> <worker>" of the last commit; absent before the first
-- trouble: "<turn failures> <deaths> <blocked activities>"; absent if all are 0
-- waiters: channels that want to hear of it, see waiters.lua

-- Reads a run into a table, or nil if there is none. Writes nothing.
local function load(ref)
  local key = base .. 'run:' .. ref
  local fields = call('HMGET', key, 'state', 'queue', 'type', 'claim', 'commit', 'trouble', 'waiters')
  if not fields[1] then return nil end
  local state, last, arrival, through, time, bytes =
    string.match(fields[1], '^(%a+) (%d+) (%d+) (%d+) (%d+) (%d+)$')
  local failures, deaths, stuck = 0, 0, 0
  if fields[6] then
    failures, deaths, stuck = string.match(fields[6], '^(%d+) (%d+) (%d+)$')
    failures, deaths, stuck = tonumber(failures), tonumber(deaths), tonumber(stuck)
  end
  return {
    ref = ref, key = key, state = state, last = tonumber(last), arrival = tonumber(arrival),
    through = tonumber(through), time = tonumber(time), bytes = tonumber(bytes), queue = fields[2], type = fields[3],
    claim = fields[4], commit = fields[5], troubled = fields[6], failures = failures, deaths = deaths, stuck = stuck,
    waiters = fields[7],
  }
end

-- Whether the run has ended.
local function isClosed(run)
  return run.state == 'completed' or run.state == 'failed'
end

-- Writes what load() read and a script changed, and more fields of the hash if they are given.
local function save(run, ...)
  call('HSET', run.key, 'state', run.state .. ' ' .. run.last .. ' ' .. run.arrival .. ' ' .. run.through .. ' ' ..
    run.time .. ' ' .. run.bytes, ...)
  if run.waiters and string.find(run.waiters, '*', 1, true) then
    for channel in string.gmatch(run.waiters, '%*([^%s:]+):') do
      call('PUBLISH', base .. 'replies:' .. channel, #run.ref .. ':' .. run.ref)
    end
  end
end

-- Writes the failure, death and blocked-activity counts.
local function saveTrouble(run)
  if run.failures + run.deaths + run.stuck == 0 then
    if run.troubled then call('HDEL', run.key, 'trouble') end
  else
    call('HSET', run.key, 'trouble', run.failures .. ' ' .. run.deaths .. ' ' .. run.stuck)
  end
end

-- Adds an entry to a run's history; save() must follow. The explicit id is the second fence: Redis refuses a number that
-- is taken, and NOMKSTREAM a history that is gone. Then nothing is written and the answer is false; or the script ends with
-- Redis' error, if `raises` is true because this is its first write.
local function append(run, kind, reference, payload, now, raises)
  local number = run.last + 1
  local time = now > run.time and now or run.time
  local value = time .. ' ' .. reference .. ' ' .. payload
  local try = raises and call or redis.pcall
  local id = try('XADD', base .. 'history:' .. run.ref, 'NOMKSTREAM', number .. '-0', kind, value)
  if type(id) ~= 'string' then return false end
  run.last, run.time, run.bytes = number, time, run.bytes + #value
  if kind ~= 'turn' then run.arrival = number end
  return true
end

-- Wakes one idle worker of a queue: kind 'w' for workflow tasks, 'a' for activities. Workers whose registration lapsed are
-- dropped from the set.
local function wake(kind, queue, now)
  local idle = base .. 'idle:' .. kind .. ':' .. queue
  for _ = 1, 8 do
    local worker = call('SPOP', idle)
    if not worker then return false end
    local key = base .. 'worker:' .. worker
    local expires = call('HGET', key, 'expires')
    if expires and tonumber(expires) > now then
      call('HDEL', key, 'idle:' .. kind)
      call('RPUSH', base .. 'inbox:' .. worker, kind)
      return true
    end
  end
  return false
end

-- Wakes a worker for what is left in a queue: whoever leaves work behind wakes the next.
local function passOn(queue, now)
  if call('LLEN', base .. 'queue:w:' .. queue) > 0 then wake('w', queue, now) end
  if call('LLEN', base .. 'queue:a:' .. queue) > 0 then wake('a', queue, now) end
end

-- Forgets a worker that holds nothing and is not to be woken; somebody else gets the wake-up that it may have had.
local function forget(worker, now)
  local key = base .. 'worker:' .. worker
  local queue = call('HGET', key, 'queue')
  call('ZREM', base .. 'workers', worker)
  call('DEL', key, base .. 'inbox:' .. worker)
  if queue then
    call('SREM', base .. 'idle:w:' .. queue, worker)
    call('SREM', base .. 'idle:a:' .. queue, worker)
    passOn(queue, now)
  end
end

-- Puts a task into a queue, at the front if it was there before. `quiet`: the caller claims from this queue right after.
local function push(kind, queue, task, front, quiet, now)
  call(front and 'LPUSH' or 'RPUSH', base .. 'queue:' .. kind .. ':' .. queue, task)
  if not quiet then wake(kind, queue, now) end
end

-- The prefix of the members of one build in a set of blocked runs.
local function buildPrefix(build)
  return #build .. ':' .. build .. ':'
end

-- The set of the blocked runs of a type in a queue; members are ordered by build.
local function blockedKey(queue, workflowType)
  return base .. 'blocked:' .. #queue .. ':' .. queue .. ':' .. workflowType
end

-- Makes a run wait for a person or for another build than `build`; save() must follow.
local function block(run, build, reason, now)
  run.state = 'blocked'
  call('HSET', run.key, 'reason', reason, 'build', build)
  call('ZADD', base .. 'blocked', now, run.ref)
  call('ZADD', blockedKey(run.queue, run.type), 0, buildPrefix(build) .. run.ref)
end

-- Decides where a run goes that stops being leased, delayed or blocked; save() must follow.
local function settle(run, front, quiet, now)
  if run.stuck > 0 then
    local stuck = call('HMGET', run.key, 'stuckBuild', 'stuckReason')
    block(run, stuck[1] or '', stuck[2] or '', now)
  elseif run.arrival > run.through then
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
