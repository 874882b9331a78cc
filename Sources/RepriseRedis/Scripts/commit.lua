-- commit: records a turn, applies its effects, and ends the claim.
--
-- ARGV: run, nonce, epoch, through, closing state ('' = goes on), "1" to close regardless of unseen arrivals,
--       the queue that a claim right after this takes from ('' = none follows), "1" if there is a turn, the turn,
--       limit of entries and of bytes in a refusal, worker and id of the claim that follows ('' = none), first
--       byte of the closing command's payload in the turn (from 1; '' = none), last byte, numbers of the signals that the
--       next run takes over, or how many they are if it is prepared, how many pages of effects are staged, "1" if the next
--       run is prepared, then the effects:
--         "a", operation, first byte of its input in the turn (from 1), last byte, queue, and the spec without the
--           workflow type
--         "t", operation, due
--         "n", operation, workflow id, type, version and queue of a child, first byte of its start record, last byte,
--           parent close policy
--         "s", operation, first byte of a signal record for a child, last byte
--         "c", operation
-- Reply: "committed", "fenced", "invalid", "unstaged", "unprepared" or "corrupt"; or "refused", then kind, number and value
-- of each arrival unseen
-- Checks first: that the claim is the run's last and stands. A repeat of the last commit gets its answer again.
-- Then it begins with a ZREM, so that it passes at maxmemory, and with the turn's XADD, which may be refused.
local ref, nonce, closing = ARGV[1], ARGV[2], ARGV[5]
local through = tonumber(ARGV[4])
local run = load(ref)
if not run then return { 'fenced' } end
local claim = ARGV[3] .. ' ' .. nonce .. ' '
if run.state ~= 'leased' or string.sub(run.claim, 1, #claim) ~= claim then
  if run.commit and string.sub(run.commit, 1, #nonce + 1) == nonce .. ' ' then return { 'committed' } end
  return { 'fenced' }
end
if through < run.through or through > run.arrival then
  -- The caller gets an error, so that the claim that follows must not take anything.
  local follower = base .. 'worker:' .. ARGV[12]
  if ARGV[12] ~= '' and call('EXISTS', follower) == 1 then
    -- Lets the other pass at maxmemory.
    call('HDEL', follower, 'skip')
    call('HSET', follower, 'skip', ARGV[13])
  end
  return { 'invalid', run.through, run.arrival }
end
if closing ~= '' and ARGV[6] ~= '1' and run.arrival > through then
  local entries = {}
  local count = readHistory(ref, through, run.last, tonumber(ARGV[10]), tonumber(ARGV[11]), entries)
  local out = { 'refused' }
  for index = 1, count do
    if entries[2 * index - 1] ~= 'turn' then
      out[#out + 1], out[#out + 2], out[#out + 3] = entries[2 * index - 1], through + index, entries[2 * index]
    end
  end
  return out
end
local pages = tonumber(ARGV[17])
local staged = base .. 'staged:' .. ref
if pages > 0 and (call('LINDEX', staged, 0) ~= nonce or call('LLEN', staged) ~= pages + 1) then
  return { 'unstaged' }
end
local prepared = ARGV[18] == '1' and '0:' .. nonce
local continueAsNew, handedOn
if closing == 'continuedAsNew' then
  local gather
  gather, continueAsNew = continuing()
  handedOn = gather(run, ARGV[16], prepared, through, tonumber(ARGV[10]), tonumber(ARGV[11]))
  if not handedOn then return { 'unprepared' } end
end

local now = clock()
local holder = string.sub(run.claim, #claim + 1)
call('ZREM', base .. 'leases', 'w:' .. ref)
if ARGV[8] == '1' and not append(run, 'turn', through, ARGV[9], now) then
  -- The history refused the entry: leave everything as it was; the lease must have a time.
  call('ZADD', base .. 'leases', now + 60000, 'w:' .. ref)
  return { 'corrupt' }
end
call('HDEL', base .. 'held:' .. holder, nonce)
run.through = through

if pages > 0 then
  call('LPOP', staged)
  call('PERSIST', staged)
end
if #ARGV > 18 then effects()(run, base .. 'ops:' .. ref, ARGV, 19, ARGV[9], ARGV[7], now) end

if run.troubled then
  call('HDEL', run.key, 'reason')
  run.failures, run.deaths = 0, 0
  saveTrouble(run)
end
local commit = nonce .. ' ' .. holder
if closing == '' then
  run.staged = pages > 0
  settle(run, false, ARGV[7] == run.queue, now)
  save(run, 'commit', commit)
else
  local result = ARGV[14] ~= '' and string.sub(ARGV[9], tonumber(ARGV[14]), tonumber(ARGV[15])) or ''
  if handedOn then continueAsNew(run, result, prepared, handedOn, ARGV[7] == run.queue, now) end
  close(run, closing, result, commit, now, pages > 0)
end
post(run.queue, ARGV[7] ~= '', now)
return { 'committed' }
