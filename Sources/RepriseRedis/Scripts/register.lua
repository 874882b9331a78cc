-- register: registers a worker or renews its registration, takes back what is parked for its types, and unblocks runs
-- that its build has not tried. A bounded part of both: call again while the reply is 1.
--
-- ARGV: worker, name, queue, build, lease in ms, "w:<workflow type>" or "a:<activity name>"...
-- Reply: 1 if there may be more to move, 0 if not
-- Checks first: nothing can fail; at maxmemory the DEL comes first, so that existing work can go on.
local worker, name, queue, build, lease = ARGV[1], ARGV[2], ARGV[3], ARGV[4], tonumber(ARGV[5])
local now = clock()
local _, hold, unnoted = watch(lease, now)
local key = base .. 'worker:' .. worker
local old = call('HMGET', key, 'queue', 'idle:w', 'idle:a', 'suspect')
-- The first write, so that a user who may not register changes nothing.
call('DEL', key)
call('ZREM', base .. 'workers', worker)
if unnoted then note(now, hold) end
local fields = { 'queue', queue, 'lease', lease, 'name', name, 'build', build, 'expires', now + lease }
if old[1] == queue then
  if old[2] then fields[#fields + 1], fields[#fields + 2] = 'idle:w', 1 end
  if old[3] then fields[#fields + 1], fields[#fields + 2] = 'idle:a', 1 end
end
if old[4] then fields[#fields + 1], fields[#fields + 2] = 'suspect', old[4] end
for index = 6, #ARGV do
  fields[#fields + 1], fields[#fields + 2] = ARGV[index], 1
  if #fields >= 510 then
    call('HSET', key, unpack(fields))
    fields = {}
  end
end
if #fields > 0 then call('HSET', key, unpack(fields)) end
call('ZADD', base .. 'workers', now + lease, worker)

local _, takeBack = parking()
local more = takeBack(queue, key, false, now) and 1 or 0
-- How many runs and activities it may still queue.
local left = 64
if build ~= '' then
  for index = 6, #ARGV do
    local set = string.sub(ARGV[index], 1, 2) == 'w:' and blockedKey(queue, string.sub(ARGV[index], 3))
    local start = '-'
    -- Runs that the same builds tried are side by side, and few have been tried by many.
    for _ = 1, set and 512 or 0 do
      local member = call('ZRANGEBYLEX', set, start, '+', 'LIMIT', 0, 1)[1]
      if not member then break end
      local length, rest = string.match(member, '^(%d+):(.*)$')
      local tried = length and string.sub(rest, 1, length) or ''
      local isRead, builds = pcall(cjson.decode, tried)
      local isTried = false
      for position = 1, isRead and type(builds) == 'table' and #builds or 0 do isTried = isTried or builds[position] == build end
      if isTried then
        start = '[' .. triedPrefix(tried) .. '\255'
      else
        local run = length and load(string.sub(rest, tonumber(length) + 2))
        local queued = run and run.state == 'blocked' and guarded('b:' .. run.ref, unblock, run, left, false, now)
        if not queued then call('ZREM', set, member) end
        left = left - (queued or 0) - 1
        if left <= 0 then return 1 end
      end
    end
  end
end
return more
