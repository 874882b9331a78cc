-- committing: records a turn, applies its effects, and ends the claim.
--
-- The arguments, from `first` to `last` of ARGV: run, nonce, epoch, through, closing state ('' = goes on), "1" to close
-- regardless of unseen arrivals, "1" if there is a turn, the turn, first byte of the closing command's payload in the turn
-- (from 1; '' = none), last byte, numbers of the signals that the next run takes over, or how many they are if it is
-- prepared, how many pages of effects are staged, "1" if the next run is prepared, then the effects:
--   "a", operation, first byte of its input in the turn (from 1), last byte, queue, and the spec without the workflow type
--   "t", operation, due
--   "n", operation, workflow id, type, version and queue of a child, first byte of its start record, last byte, parent
--     close policy
--   "s", operation, first byte of a signal record for a child, last byte
--   "c", operation

local applyEffects

-- Carries out a turn that is recorded, and which belongs to nobody any more; its arguments are those of commit(). `handOn` gets
-- the result of one that continues as new.
local function finishTurn(run, nonce, holder, first, last, quiet, now, handOn)
  local closing, turn, isStaged = ARGV[first + 4], ARGV[first + 7], ARGV[first + 11] ~= '0'
  if last > first + 12 then
    applyEffects = applyEffects or effects()
    applyEffects(run, base .. 'ops:' .. run.ref, ARGV, first + 13, last, turn, quiet, now)
  end
  if run.troubled then
    call('HDEL', run.key, 'reason', 'tried')
    run.failures, run.deaths, run.isTried = 0, 0, false
    saveTrouble(run)
  end
  -- The worker knows all, or what it has not seen came before its turn.
  run.commit = string.format('%s %s %d', nonce, holder, run.arrival > run.through and run.through or run.last)
  if closing == '' then
    run.staged = isStaged
    settle(run, false, quiet == run.queue, now)
    save(run, 'commit', run.commit)
  else
    -- A copy of what may be large, for those alone who need it.
    local from = ARGV[first + 8]
    local result = from ~= '' and (handOn or run.parent) and string.sub(turn, tonumber(from), tonumber(ARGV[first + 9])) or ''
    if handOn then handOn(result) end
    close(run, closing, result, run.commit, now, isStaged)
  end
  post(run.queue, quiet ~= '', now)
end

-- `quiet` is the queue that a claim right after this takes from ('' = none follows), `entries` and `bytes` limit a refusal.
--
-- Answers "committed", "fenced", "invalid" and the bounds, "unstaged", "unprepared" or "corrupt"; or "refused", then kind,
-- number and value of each arrival unseen.
-- Checks first: that the claim is the run's last and stands. A repeat of the last commit gets its answer again. It begins
-- with the turn's XADD, which may be refused.
local function commit(first, last, quiet, entries, bytes, now)
  local ref, nonce, epoch, through, closing = unpack(ARGV, first, first + 4)
  local turn = ARGV[first + 7]
  through = tonumber(through)
  local run = load(ref)
  if not run then return { 'fenced' } end
  local claim = epoch .. ' ' .. nonce .. ' '
  if run.state ~= 'leased' or string.sub(run.claim, 1, #claim) ~= claim then
    if run.commit and string.sub(run.commit, 1, #nonce + 1) == nonce .. ' ' then return { 'committed' } end
    return { 'fenced' }
  end
  if through < run.through or through > run.arrival then return { 'invalid', run.through, run.arrival } end
  if closing ~= '' and ARGV[first + 5] ~= '1' and run.arrival > through then
    local unseen = {}
    local count = readHistory(ref, through, run.last, entries, bytes, unseen)
    local out = { 'refused' }
    for index = 1, count do
      if unseen[2 * index - 1] ~= 'turn' then
        out[#out + 1], out[#out + 2], out[#out + 3] = unseen[2 * index - 1], through + index, unseen[2 * index]
      end
    end
    return out
  end
  local pages = tonumber(ARGV[first + 11])
  local staged = base .. 'staged:' .. ref
  if pages > 0 and (call('LINDEX', staged, 0) ~= nonce or call('LLEN', staged) ~= 2 * pages + 1) then
    return { 'unstaged' }
  end
  local prepared = ARGV[first + 12] == '1' and '0:' .. nonce
  local handOn
  if closing == 'continuedAsNew' then
    local gather, continueAsNew = continuing()
    local handedOn = gather(run, ARGV[first + 10], prepared, through, entries, bytes)
    if not handedOn then return { 'unprepared' } end
    function handOn(result) continueAsNew(run, result, prepared, handedOn, quiet == run.queue, now) end
  end

  if ARGV[first + 6] == '1' and not append(run, 'turn', through, turn, now) then
    -- Everything is as it was; the lease must have a time.
    call('ZADD', base .. 'leases', now + 60000, 'w:' .. ref)
    return { 'corrupt' }
  end
  local holder = string.sub(run.claim, #claim + 1)
  unhold(holder, nonce, 'w:' .. ref)
  run.through = through
  if pages > 0 then
    call('LPOP', staged)
    call('PERSIST', staged)
  end
  finishTurn(run, nonce, holder, first, last, quiet, now, handOn)
  return { 'committed' }
end
