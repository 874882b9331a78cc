-- cancel: asks a run to end.
--
-- ARGV: workflow id, run number ('' = the newest), reason
-- Reply: "asked", "missing", "closed" or "corrupt", run number
-- Checks first: that the run exists, and is open or was asked before. The HDEL lets it pass at maxmemory.
local ref = reference(ARGV[1], ARGV[2])
local run = ref and follow(ref)
if not run then return { 'missing', 0 } end
local number = string.match(run.ref, '^%d+')
if run.closed then return { call('HEXISTS', run.key, 'cancel') == 1 and 'asked' or 'closed', number } end
call('HDEL', meta, '-')
local _, requestCancel = ending()
local now = clock()
local isAsked = requestCancel(run, ARGV[3], false, now)
post(run.queue, false, now)
return { isAsked and 'asked' or 'corrupt', number }
