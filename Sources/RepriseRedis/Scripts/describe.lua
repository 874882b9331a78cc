-- describe: reads where a run is. Writes nothing.
--
-- ARGV: workflow id, run number ('' = the newest)
-- Reply: see Parts/describing.lua; empty if there is no such run
local ref = reference(ARGV[1], ARGV[2])
return ref and describe(ref) or {}
