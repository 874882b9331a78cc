-- blocking: counts of failures and deaths, and the lists of blocked runs.

-- Writes the failure, death and blocked-activity counts.
local function saveTrouble(run)
  if run.failures + run.deaths + run.stuck == 0 and not run.isTried then
    if run.troubled then call('HDEL', run.key, 'trouble') end
  else
    call('HSET', run.key, 'trouble', run.failures .. ' ' .. run.deaths .. ' ' .. run.stuck .. (run.isTried and ' t' or ''))
  end
end

-- The prefix of the members in a set of blocked runs that the same builds tried, see "tried" in runs.lua.
local function triedPrefix(tried)
  return #tried .. ':' .. tried .. ':'
end

-- The set of the blocked runs of a type in a queue; members are ordered by the builds that tried them.
local function blockedKey(queue, workflowType)
  return base .. 'blocked:' .. #queue .. ':' .. queue .. ':' .. workflowType
end
