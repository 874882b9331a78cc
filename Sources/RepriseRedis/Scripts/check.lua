-- check: judges the invariants of a few items, each at one moment, and mends them if it is asked to. See Checks/checking.lua.
--
-- ARGV: "look", "judge", or "repair" to mend what can be; then for each item its kind, its name, and evidence ('' = none)
-- Reply: rows of words, each after their number
--   "violation", item's position (from 1), invariant, finding, remedy, "1" if repairing applies it
--   "repaired", position, invariant, finding, remedy
--   "needs", position, stamp, least, most ('' = any), task, list...: how often the task must be in the lists, see needs()
--   "operations", position, run: the run has operations, which are items of their own
-- Writes nothing unless it repairs. The HDEL lets it pass at maxmemory.
local out = {}

local function row(...)
  local words = { ... }
  out[#out + 1] = #words
  for index = 1, #words do out[#out + 1] = tostring(words[index]) end
end

local now = mode == 'repair' and clock()
for index = 2, #ARGV, 3 do
  local position = (index + 1) / 3
  evidence = ARGV[index + 2]
  for _ = 1, mode == 'repair' and 16 or 1 do
    found, asked = {}, {}
    local isRead, problem = pcall(checks[ARGV[index]], ARGV[index + 1])
    if not isRead then
      local text = type(problem) == 'table' and problem.err or problem
      -- A missing permission or the like is the caller's to hear of.
      local isUnreadable = string.find(text, 'WRONGTYPE') or string.find(text, 'attempt to') or string.find(text, 'bad arg')
      if not isUnreadable then error(problem) end
      local ref = string.match(ARGV[index + 1], ARGV[index] == 'operation' and '^%S+ (.*)$' or '.*')
      local isLoaded, run = pcall(load, ref)
      local advice = 'restore it from a backup, or remove it'
      if isLoaded and run then
        damaged(run, 'what is stored can be read', text, advice)
      else
        violation('what is stored can be read', text, advice)
      end
    end
    local fixable
    for number = #found, 1, -1 do fixable = found[number][4] and found[number] or fixable end
    if mode ~= 'repair' or not fixable then break end
    call('HDEL', meta, '-')
    fixable[4](now)
    row('repaired', position, fixable[1], fixable[2], fixable[3])
  end
  for number = 1, #found do
    local broken = found[number]
    row('violation', position, broken[1], broken[2], broken[3], broken[4] and 1 or '')
  end
  for number = 1, #asked do
    local question = asked[number]
    if question[1] == 'needs' then
      row('needs', position, question[2], question[3], question[4] == math.huge and '' or question[4], question[5],
        unpack(question[6]))
    else
      row(question[1], position, unpack(question, 2))
    end
  end
end
return out
