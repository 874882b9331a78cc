-- pause: takes no turn of a run until it is resumed.
--
-- ARGV: run
-- Reply: "paused", "missing" or "closed"
-- Checks first: that the run exists and is open. The HDEL lets it pass at maxmemory.
local run = load(ARGV[1])
if not run then return 'missing' end
if run.closed then return 'closed' end
if run.paused then return 'paused' end

call('HDEL', meta, '-')
run.paused = true
-- An item that isn't found is dropped by the claim that draws it, or is one of two after the run was resumed: then the
-- first one drawn counts.
if run.state == 'queued' then dropping()(run.queue, 'w:' .. run.type, run.ref) end
if run.state == 'queued' or run.state == 'idle' then settle(run, false, true, clock()) end
save(run)
return 'paused'
