-- foreseeing: records results of activities together with the turn that their worker took with them.
--
-- The arguments, from `first` to `last` of ARGV: run, nonce of its last commit, the time that the arrivals are to have, how many
-- results there are; for each operation, nonce, output; then the arguments of a commit, see committing.lua, of which the epoch
-- doesn't count, no page is staged, and which doesn't continue as new.
--
-- Answers "recorded"; or "apart", and nothing is written, unless all is as the worker foresaw: the run is where that commit left
-- it, the results are wanted, and the time lies between the last entry's and now.
local function foresee(first, last, quiet, now)
  local ref, lastCommit, time, count = unpack(ARGV, first, first + 3)
  time, count = tonumber(time), tonumber(count)
  local turn = first + 4 + 3 * count
  local nonce, through, run = ARGV[turn + 1], tonumber(ARGV[turn + 3]), load(ref)
  if not run or run.state ~= 'idle' or string.sub(run.commit or '', 1, #lastCommit + 1) ~= lastCommit .. ' ' or
    run.last + count ~= through or time < run.time or time > now then
    return { 'apart' }
  end
  local activities = {}
  for index = 1, count do
    local position = first + 1 + 3 * index
    local activity = loadActivity(ref, ARGV[position])
    if not activity or activity.state ~= 'l' or activity.nonce ~= ARGV[position + 1] then return { 'apart' } end
    activities[index] = activity
  end
  local holder = activities[1].holder

  for index = 1, count do
    local activity, output = activities[index], ARGV[first + 3 + 3 * index]
    if not append(run, 'activityCompleted', activity.operation, output, time) then
      -- Only the first can be refused.
      return { 'apart' }
    end
    unhold(activity.holder, activity.nonce, 'a:' .. activity.operation .. ':' .. ref)
    dropOperation(ref, activity.operation)
  end
  if ARGV[turn + 6] == '1' then append(run, 'turn', through, ARGV[turn + 7], now) end
  run.through = through
  finishTurn(run, nonce, holder, turn, last, quiet, now)
  return { 'recorded' }
end
