-- staging: the effects of a turn that is too large for one script. They are written to the list "staged:<run>" in pages
-- before the commit, each followed by the part of the turn that it refers to. First is the nonce of the claim: the commit
-- takes it away, marks the run and queues it. Then whoever committed applies the pages one by one, each by a script of its
-- own. If it dies meanwhile, the claim that draws the run applies a page and queues it again, until none is left. So no
-- worker holds it, and no page needs workflow code. Only then the run is blocked or paused, if it is to be.

-- Applies the next page of a run. `isDrawn`: its item isn't in the queue any more. `quiet` is the queue from which the caller
-- takes right after.
local function applyPage(run, isDrawn, quiet, now)
  local staged = base .. 'staged:' .. run.ref
  local applyEffects, _, takePage = effects()
  local page, part = takePage(staged)
  run.staged = call('EXISTS', staged) == 1
  if page then
    applyEffects(run, base .. 'ops:' .. run.ref, page, 1, #page, part, quiet, now)
    post(run.queue, quiet ~= '', now)
  end
  -- An item that is there stays the one that it is queued by.
  if isDrawn or not run.staged and (run.stuck > 0 or run.paused or run.arrival == run.through) then
    settle(run, true, quiet == run.queue, now)
  end
  if run.troubled then saveTrouble(run) end
  save(run)
end
