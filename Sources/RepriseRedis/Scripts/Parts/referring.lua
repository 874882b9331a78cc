-- referring: from a workflow id to a run.

-- The reference of a workflow id's newest run, or of the run with the number; nil if the id was never started.
local function reference(workflowID, number)
  if number == '' then number = call('HGET', base .. 'newest', workflowID) end
  if not number then return nil end
  return number .. ':' .. workflowID
end
