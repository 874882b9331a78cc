-- check_keys: every key of the namespace belongs to something. A new sort of key needs a line in `judges`: what is judged
-- by its own items needs nothing more than to be known.
local judges = {}

local fixedKeys = ' meta newest open closed blocked leases timers outbox workers corrupt '

function judges.run(key, ref)
  -- A run that is on a list is judged as a member of it; one that is prepared goes away by itself, see carrying.lua.
  if not score('open', ref) and not score('closed', ref) and call('TTL', key) < 0 then checks.run(ref) end
end

-- What belongs to a run. As long as something could be saved of a run whose hash is gone, nothing is removed.
local function ofRun(key, ref)
  if call('EXISTS', base .. 'run:' .. ref) == 1 or call('TTL', key) >= 0 then return end
  local fix
  if call('EXISTS', base .. 'history:' .. ref) == 0 then fix = function() call('UNLINK', key) end end
  violation('a key belongs to a run that exists', key, fix and 'removes it' or
    'restore ' .. base .. 'run:' .. ref .. ' from a backup, or remove what is left: UNLINK ' .. base .. 'history:' ..
    ref .. ' ' .. base .. 'ops:' .. ref .. ' ' .. base .. 'staged:' .. ref, fix)
end
judges.history, judges.ops = ofRun, ofRun

-- Retention may have removed a run that claims are still clearing up after.
local function ofClosedRun(key, ref)
  if call('EXISTS', base .. 'run:' .. ref) == 0 and call('TTL', key) < 0 then
    checkRemains(ref, 'removes it', function() call('UNLINK', base .. 'remains:' .. ref, base .. 'staged:' .. ref) end)
  end
end
judges.remains, judges.staged = ofClosedRun, ofClosedRun

function judges.worker(key, worker)
  if not score('workers', worker) then
    violation('a worker with a record is on the list of workers', worker, 'puts it there', function()
      call('ZADD', base .. 'workers', call('HGET', key, 'expires') or 0, worker)
    end)
  end
end

function judges.inbox(key, worker)
  if call('EXISTS', base .. 'worker:' .. worker) == 0 then
    violation('an inbox belongs to a worker', worker, 'removes it', function() call('DEL', key) end)
  end
end

function judges.trials(key, worker)
  if call('EXISTS', base .. 'worker:' .. worker, base .. 'held:' .. worker) == 0 then
    violation('trials belong to a worker', worker, 'removes them', function() call('DEL', key) end)
  end
end

function judges.parked(key, rest)
  local length, tail = string.match(rest, '^(%d+):(.*)$')
  local queue, kind = string.sub(tail, 1, tonumber(length)), string.sub(tail, tonumber(length) + 2)
  local types = base .. 'parkedTypes:' .. queue
  if call('EXISTS', key) == 1 and call('SISMEMBER', types, kind) == 0 then
    violation('the types of parked tasks are on the list of their queue', kind, 'puts it there', function()
      call('SADD', types, kind)
      call('HINCRBY', meta, 'parked', 1)
    end)
  end
end

-- Judged by their members.
local function byMembers() end
for _, word in ipairs({ 'held', 'idle', 'queue', 'suspects', 'parkedTypes', 'blocked', 'stuck' }) do
  judges[word] = byMembers
end

function checks.key(key)
  if call('EXISTS', key) == 0 then return end
  local name = string.sub(key, #base + 1)
  local word, rest = string.match(name, '^(%a+):(.*)$')
  if word and judges[word] then
    judges[word](key, rest)
  elseif not string.find(fixedKeys, ' ' .. name .. ' ', 1, true) then
    violation('every key of the namespace is known', key,
      'somebody else uses the namespace, or another version of Reprise: update this one, or remove the key')
  end
end
