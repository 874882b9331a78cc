-- unblock: makes a blocked run go on.
--
-- ARGV: run
-- Reply: "unblocked", "unchanged" or "missing"
-- Checks first: that the run exists and is blocked.
local run = load(ARGV[1])
if not run then return 'missing' end
if run.state ~= 'blocked' then return 'unchanged' end
unblock(run, clock())
return 'unblocked'
