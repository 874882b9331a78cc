-- work: what a worker does in one call: it records turns and attempts that ended, and takes work. Each is as if it came alone,
-- in this order, but that all work is taken at the end.
--
-- ARGV: worker ('' = no work is taken), the queue that a claim right after this takes from ('' = none follows; the worker's own
--       if it takes work), closed runs that are kept, limits of a sweep, death limit, limit of messages, timers and leases,
--       limit of entries in a task, limit of bytes in a task, limit of bytes in all tasks: an entry counts as a kilobyte more
--       than it has, and a task as eight; bytes of a stream's first node; then items, each
--         "commit", "complete", "foresee" or "", how many arguments follow, these arguments, see committing.lua, completing.lua
--         and foreseeing.lua, request id ('' = takes no work), workflow slots, activity slots
-- Reply: for each item its answer, nil if there is none, or "again" if it is to be sent again, since the items before it ended
--   runs of which much was open; and the work, see claiming.lua, nil if it asks for none or its answer is an error
-- It begins with a write that doesn't grow, so that it passes at maxmemory.
local worker, quiet = ARGV[1], ARGV[2]
local now = clock()
call('HDEL', meta, '-')
beginTogether(worker ~= '' and quiet or nil)

local reply, requests = {}, {}
local position, count = 11, 0
local entries, bytes = tonumber(ARGV[7]), tonumber(ARGV[8])
streamNodeBytes = tonumber(ARGV[10])
-- After these nothing was done, and no work is taken.
local undone = { invalid = true, corrupt = true, unstaged = true, unprepared = true, again = true }
while position <= #ARGV do
  local kind, size = ARGV[position], tonumber(ARGV[position + 1])
  local first, last = position + 2, position + 1 + size
  local answer = false
  if removed > 512 then
    -- Enough for one script.
    answer = { 'again' }
  elseif kind == 'commit' then
    answer = attempted(commit, first, last, quiet, entries, bytes, now)
  elseif kind == 'complete' then
    answer = attempted(complete, quiet, now, unpack(ARGV, first, last))
  elseif kind == 'foresee' then
    answer = attempted(foresee, first, last, quiet, now)
  end
  reply[count + 1], reply[count + 2] = answer, false
  -- What it has changed of a run may not be all.
  if answer and answer.err then together.runs[ARGV[first]] = nil end
  local request = ARGV[last + 1]
  if request ~= '' and not (answer and (answer.err or undone[answer[1]])) then
    requests[#requests + 1] = {
      id = request, w = tonumber(ARGV[last + 2]), a = tonumber(ARGV[last + 3]), position = count + 2,
    }
  end
  position, count = last + 4, count + 2
end
if #requests > 0 then
  local failure = attempted(claim, worker, requests, reply, now)
  -- What was recorded stays so.
  for index = 1, failure and #requests or 0 do reply[requests[index].position] = failure end
end
saveTogether(true)
return reply
