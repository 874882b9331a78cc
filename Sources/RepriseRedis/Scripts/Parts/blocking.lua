-- blocking: counts of failures and deaths, and the lists of blocked runs.

-- Writes the failure, death and blocked-activity counts.
local function saveTrouble(run)
  if run.failures + run.deaths + run.stuck == 0 then
    if run.troubled then call('HDEL', run.key, 'trouble') end
  else
    call('HSET', run.key, 'trouble', run.failures .. ' ' .. run.deaths .. ' ' .. run.stuck)
  end
end

-- The prefix of the members of one build in a set of blocked runs.
local function buildPrefix(build)
  return #build .. ':' .. build .. ':'
end

-- The set of the blocked runs of a type in a queue; members are ordered by build.
local function blockedKey(queue, workflowType)
  return base .. 'blocked:' .. #queue .. ':' .. queue .. ':' .. workflowType
end
