-- resume: lets a paused run go on.
--
-- ARGV: run
-- Reply: "resumed", "missing" or "closed"
-- Checks first: that the run exists and is open. The HDEL lets it pass at maxmemory.
local run = load(ARGV[1])
if not run then return 'missing' end
if run.closed then return 'closed' end
if not run.paused then return 'resumed' end
call('HDEL', meta, '-')
run.paused = false
if run.state == 'paused' then settle(run, false, false, clock()) end
save(run)
return 'resumed'
