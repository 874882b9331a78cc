-- waiters: a run's field "waiters" holds the channels of those who wait for it, separated by blanks:
-- "<channel>:<wait>" wants to hear that it is closed, "*<channel>:<wait>" of every change; the number of the wait tells
-- a late goodbye from a new wait. The message is a list of "<length>:<bytes>": the reference alone, or, for a closed run
-- that isn't large, what describe() answers, but only those fields that a closed run is described by. At most 1024 wait, see
-- wait.lua.

-- A part of a message. Numbers are short, and become text once.
local lengths = {}
local function packed(text)
  local size = #text
  local length = lengths[size]
  if not length then
    length = digits(size) .. ':'
    lengths[size] = length
  end
  return length .. text
end

-- Tells those who wait for a run that has ended in this script.
local function tellClosed(run, waiters)
  local message = packed(run.ref)
  if #run.lastPayload <= 16384 then
    local known = call('HMGET', run.key, 'version', 'started', 'next')
    message = message .. packed(run.lastKind) .. packed(run.lastPayload) .. '5:state' .. packed(packedState(run)) ..
      '5:queue' .. packed(run.queue) .. '4:type' .. packed(run.type) .. '7:version' .. packed(known[1] or '') ..
      (known[2] and '7:started' .. packed(known[2]) or '') .. (known[3] and '4:next' .. packed(known[3]) or '') ..
      '6:closed' .. packed(digits(run.time)) .. (run.parent and '6:parent' .. packed(run.parent) or '')
  end
  for channel in string.gmatch(waiters, '%*?([^:%s]+):') do
    call('PUBLISH', base .. 'replies:' .. channel, message)
  end
end
