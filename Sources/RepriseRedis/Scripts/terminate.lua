-- terminate: ends a run.
--
-- ARGV: workflow id, run number ('' = the newest), reason
-- Reply: "terminated", "missing", "closed" or "corrupt", run number
-- Checks first: that the run exists, and is open or was terminated. The HDEL lets it pass at maxmemory.
local ref = reference(ARGV[1], ARGV[2])
local run = ref and follow(ref)
if not run then return { 'missing', 0 } end
local number = string.match(run.ref, '^%d+')
if run.closed then return { run.state == 'terminated' and 'terminated' or 'closed', number } end
call('HDEL', meta, '-')
local terminate = ending()
local now = clock()
local isEnded = terminate(run, ARGV[3], now)
post(run.queue, false, now)
return { isEnded and 'terminated' or 'corrupt', number }
