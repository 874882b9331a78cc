-- messages: what one run does to another. The transition that sends a message writes it to the list "outbox"; a later
-- claim delivers it, see delivering.lua. Each says all that is needed and changes nothing when it is delivered again.
--
-- A message is a list of "<length>:<bytes>": its kind, the link, then
--   start              workflow id, type, version, queue, start record
--   ended              "completed", output | "failed", failure in JSON | "cancelled" or "terminated", reason |
--                      "alreadyRunning", message
--   signal             workflow id, signal record
--   cancel, terminate  workflow id, reason
--   remains            nothing; the link is a run, which has closed, see clearing.lua
-- The link is "<operation>:<parent>", the field "parent" of the child's hash: it names the child among all runs of its
-- workflow id. A run that continues as new hands it on, so that of several the newest is meant.

local outbox = {}

-- Writes down a message; post() must follow.
local function send(...)
  local fields = { ... }
  for index = 1, #fields do fields[index] = #fields[index] .. ':' .. fields[index] end
  outbox[#outbox + 1] = table.concat(fields)
end

-- Sends what was written down, and wakes a worker unless a claim follows: `quiet`; `front`: before all others. Any worker
-- delivers messages: one of the queue is woken, or of another if none is idle there. meta's field "outbox" is there while
-- there are messages, so that claims need not look.
local function post(queue, quiet, now, front)
  if #outbox == 0 then return end
  if front then
    for index = 1, math.floor(#outbox / 2) do
      local other = #outbox + 1 - index
      outbox[index], outbox[other] = outbox[other], outbox[index]
    end
  end
  for first = 1, #outbox, 512 do
    call(front and 'LPUSH' or 'RPUSH', base .. 'outbox', unpack(outbox, first, math.min(first + 511, #outbox)))
  end
  call('HSET', meta, 'outbox', 1)
  outbox = {}
  if quiet or wake('w', queue, now) or wake('a', queue, now) then return end
  local workers = call('ZREVRANGE', base .. 'workers', 0, 31)
  for index = 1, #workers do
    local record = call('HMGET', base .. 'worker:' .. workers[index], 'queue', 'idle:w', 'idle:a')
    if record[2] and wake('w', record[1], now) or record[3] and wake('a', record[1], now) then return end
  end
end
