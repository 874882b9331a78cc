-- apply: carries out the next page of a large turn, see Parts/staging.lua. Nothing happens if there is none.
--
-- ARGV: run, the queue that a claim right after this takes from ('' = none follows)
-- Reply: 1 if a page was applied
-- Checks first: that the run is queued for it. The LTRIM comes first and lets it pass at maxmemory.
local run = load(ARGV[1])
if not run or run.state ~= 'queued' or not run.staged then return 0 end
applyPage(run, false, ARGV[2], clock())
return 1
