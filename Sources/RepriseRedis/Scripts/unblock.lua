-- unblock: makes a blocked run go on, or a bounded part of it: call again while the reply is "more".
--
-- ARGV: run
-- Reply: "unblocked", "more", "unchanged" or "missing"
-- Checks first: that the run exists and is blocked.
local run = load(ARGV[1])
if not run then return 'missing' end
if run.state ~= 'blocked' then return 'unchanged' end
local _, goesOn = unblock(run, 128, true, clock())
return goesOn and 'unblocked' or 'more'
