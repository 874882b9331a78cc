-- following: from a run that continued as new to the one in which it goes on. All runs of such a row know the first of them,
-- and only the newest run of a workflow id can be open.

-- Reads a run, or the newest in which it went on; nil if there is none.
local function follow(ref)
  local run = load(ref)
  if not run or run.state ~= 'continuedAsNew' then return run end
  local number, id = string.match(ref, '^(%d+):(.*)$')
  local newest = call('HGET', base .. 'newest', id)
  if not newest then return run end
  local first = call('HGET', base .. 'run:' .. newest .. ':' .. id, 'first')
  local isSameRow = first == (call('HGET', run.key, 'first') or number)
  return isSameRow and load(newest .. ':' .. id) or run
end
