-- checking: how invariants are judged, and mended. An invariant is a few lines in one of the files beside this:
--
--   if <it is broken> then violation('<the invariant, as a sentence>', <what was found>, '<remedy>', <fix>) end
--
-- The fix is a function of the time, and mends it; then the remedy says what it does. Without a fix it says what a person
-- should do. After each fix the item is judged anew, so one fix may leave something to the next. Kinds of items are the
-- fields of `checks`: functions of the item's name. They judge at one moment, in bounded time, and may raise errors at
-- what they can't read.
local mode = ARGV[1]
local checks, found, asked = {}, {}, {}
local evidence = ''

local function violation(invariant, finding, remedy, fix)
  found[#found + 1] = { invariant, tostring(finding), remedy, fix }
end

local function score(set, member)
  return tonumber(call('ZSCORE', base .. set, member) or '')
end

-- What can't be mended: the run must not go on as if nothing had happened, and nothing of it is thrown away.
local function damaged(run, invariant, finding, advice)
  local fix
  if not run.closed and run.state ~= 'blocked' then
    fix = function(now)
      withdraw(run)
      block(run, 'it is damaged: ' .. invariant .. '; found: ' .. finding, '', '', '', now)
      save(run)
    end
  end
  violation(invariant, finding, fix and 'blocks the run' or advice or
    'restore the run from a backup and unblock it, or terminate it', fix)
end

-- Judges how often a task is in some lists: at least and at most so often, or `broken` is called with the number. Short
-- lists are searched here. Long ones are read by the caller, in pages; it comes back with the stamp as evidence, which is
-- right as long as the stamp, what is stored of the item, is the same.
local function needs(lists, task, stamp, least, most, broken)
  if evidence ~= '' then
    if evidence == stamp then broken('not as often as it should be') end
    return
  end
  local length, count = 0, 0
  for index = 1, #lists do length = length + call('LLEN', lists[index]) end
  local isLong = length > (mode == 'look' and 128 or 10000)
  -- Messages are told by their beginning, which LPOS can't find.
  if length > 0 and (isLong or lists[1] == base .. 'outbox') then
    asked[#asked + 1] = { 'needs', stamp, least, most, task, lists }
    return
  end
  for index = 1, #lists do
    if call('LPOS', lists[index], task) then count = count + 1 end
  end
  if count < least or count > most then broken(count) end
end

-- What a closed run left behind is cleared by claims as long as there is a message that tells them.
local function checkRemains(ref, remedy, fix)
  local remains, staged = base .. 'remains:' .. ref, base .. 'staged:' .. ref
  if call('EXISTS', remains) == 0 and call('TTL', staged) ~= -1 then return end
  local stamp = call('HLEN', remains) .. ' ' .. call('LLEN', staged)
  needs({ base .. 'outbox' }, 'remains ' .. ref, stamp, 1, math.huge, function()
    violation('claims are told of what a closed run left behind', 'they are not', remedy, function(now)
      evidence = '-'
      fix(now)
    end)
  end)
end
