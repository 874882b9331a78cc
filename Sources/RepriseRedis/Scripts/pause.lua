-- pause: takes no turn of a run until it is resumed.
--
-- ARGV: run
-- Reply: "paused", "missing" or "closed"
-- Checks first: that the run exists and is open. The HDEL lets it pass at maxmemory.
local run = load(ARGV[1])
if not run then return 'missing' end
if run.closed then return 'closed' end
if run.paused then return 'paused' end

-- Takes the run's item out of a list if it is among the first ones. If it isn't, it is dropped by the claim that draws
-- it, or is one of two after the run was resumed: then the first one drawn counts.
local function takeFrom(list)
  return call('LPOS', list, run.ref, 'MAXLEN', 1024) and call('LREM', list, 1, run.ref)
end

call('HDEL', meta, '-')
run.paused = true
if run.state == 'queued' and not takeFrom(base .. 'queue:w:' .. run.queue) then
  if takeFrom(base .. 'suspects:w:' .. run.queue) then
    call('HINCRBY', meta, 'suspects', -1)
  else
    takeFrom(base .. 'parked:' .. #run.queue .. ':' .. run.queue .. ':w:' .. run.type)
  end
end
if run.state == 'queued' or run.state == 'idle' then settle(run, false, true, clock()) end
save(run)
return 'paused'
