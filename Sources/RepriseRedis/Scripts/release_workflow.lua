-- release_workflow: gives a run back.
--
-- ARGV: run, nonce, epoch, "back" or "retry" or "block", delay in ms, reason
-- Reply: "released" or "fenced"
-- Checks first: that the nonce is the run's last claim; if that is over, nothing is written.
local run = load(ARGV[1])
local claim = ARGV[3] .. ' ' .. ARGV[2] .. ' '
if not run then return 'fenced' end
if not run.claim then
  -- The claim is forgotten when a commit closes the run: its last one was the commit's.
  return run.commit and string.sub(run.commit, 1, #ARGV[2] + 1) == ARGV[2] .. ' ' and 'released' or 'fenced'
end
if string.sub(run.claim, 1, #claim) ~= claim then return 'fenced' end
if run.state ~= 'leased' then return 'released' end
local now = clock()
local how, reason = ARGV[4], ARGV[6]
local holder = string.sub(run.claim, #claim + 1)
call('ZREM', base .. 'leases', 'w:' .. run.ref)
call('HDEL', base .. 'held:' .. holder, ARGV[2])
if how == 'back' then
  settle(run, true, false, now)
  save(run)
else
  run.failures = run.failures + 1
  saveTrouble(run)
  if how == 'block' then
    local worker = call('HMGET', base .. 'worker:' .. holder, 'name', 'build')
    block(run, reason, worker[1] or '', worker[2] or '', '', now)
    save(run)
  else
    local due = digits(now + tonumber(ARGV[5]))
    local member = 'd:' .. run.ref
    run.state = 'delayed'
    call('ZADD', base .. 'timers', due, member)
    save(run, 'due', due, 'reason', reason)
    watchTimer(member, run.queue, now)
  end
end
return 'released'
