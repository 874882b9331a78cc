-- staging: the effects of a turn that is too large for one script. They are written to the list "staged:<run>" in pages
-- before the commit, each packed with the part of the turn that it refers to. The commit marks the run; it is queued then,
-- and whoever draws it applies a page and queues it again, until none is left. So no worker holds it meanwhile: if the one
-- that committed dies, the next claim goes on.

-- Applies the next page of a run that was drawn. `quiet` is the queue from which the caller itself takes.
local function applyPage(run, quiet, now)
  local staged = base .. 'staged:' .. run.ref
  local page = call('LPOP', staged)
  run.staged = call('EXISTS', staged) == 1
  if page then
    local args = cmsgpack.unpack(page)
    effects()(run, args, 2, args[1], quiet, now)
    post(run.queue, true, now)
  end
  settle(run, true, quiet == run.queue, now)
  if run.troubled then saveTrouble(run) end
  save(run)
end
