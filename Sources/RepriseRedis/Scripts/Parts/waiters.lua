-- waiters: a run's field "waiters" holds the channels of those who wait for it, separated by blanks:
-- "<channel>:<wait>" wants to hear that it is closed, "*<channel>:<wait>" of every change; the number of the wait tells
-- a late goodbye from a new wait. The message is a list of "<length>:<bytes>": the reference alone, or, for a closed run
-- that isn't large, what describe() answers. At most 1024 wait, see wait.lua.

local function tellClosed(run, waiters)
  local parts = describe(run.ref, run)
  local size = 0
  for index = 1, #parts do size = size + #parts[index] end
  local message = #run.ref .. ':' .. run.ref
  if size <= 16384 then
    for index = 2, #parts do parts[index] = #parts[index] .. ':' .. parts[index] end
    parts[1] = message
    message = table.concat(parts)
  end
  for channel in string.gmatch(waiters, '%*?([^:%s]+):') do
    call('PUBLISH', base .. 'replies:' .. channel, message)
  end
end
