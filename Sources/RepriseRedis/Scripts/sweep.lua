-- sweep: removes closed runs that are not kept any longer, as claims do, but without a worker.
--
-- ARGV: what is kept, and how much is removed at once, see Parts/sweeping.lua
-- Reply: how many runs and how many bytes were removed, and 1 if there is more
-- Checks first: nothing can fail. The HDEL lets it pass at maxmemory.
call('HDEL', meta, '-')
local runs, bytes, more = sweeping()(ARGV[1], ARGV[2], clock())
return { runs, bytes, more and 1 or 0 }
