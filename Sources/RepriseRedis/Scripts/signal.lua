-- signal: records a signal and queues the run if it was idle.
--
-- ARGV: workflow id, run number ('' = the newest), signal record
-- Reply: "signalled", "missing", "closed" or "corrupt", run number
-- Checks first: that the run exists and is open. The first write is the XADD, so that out of memory is refused whole.
local ref = reference(ARGV[1], ARGV[2])
local run = ref and follow(ref)
if not run then return { 'missing', 0 } end
local number = string.match(run.ref, '^%d+')
if run.closed then return { 'closed', number } end
local now = clock()
if not append(run, 'signalled', 0, ARGV[3], now, true) then return { 'corrupt', number } end
arrived(run, false, now)
save(run)
return { 'signalled', number }
