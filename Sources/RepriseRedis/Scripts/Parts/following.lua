-- following: from a run that continued as new to the run in which it goes on. A run's field "next" is the number of the
-- one after it.

-- Reads a run, or the newest in which it went on, at most 1024 runs later; nil if there is none.
local function follow(ref)
  local id = string.match(ref, '^%d+:(.*)$')
  for _ = 1, 1024 do
    local successor = call('HGET', base .. 'run:' .. ref, 'next')
    if not successor then break end
    ref = successor .. ':' .. id
  end
  return load(ref)
end
