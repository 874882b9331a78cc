-- delivering: what messages do to the runs that they are for, see messages.lua.

-- Starts a child, or tells its parent why not. Answers how many runs it looked at.
local function startChild(link, id, workflowType, version, queue, record, own, now)
  local found, previous, looks = lookUp(id, call('HGET', base .. 'newest', id), 'parent', link)
  if found == 'known' then return looks end
  if found == 'open' then
    send('ended', link, 'alreadyRunning', 'workflow “' .. id .. '” has an open run, number ' .. previous)
    return looks
  end
  local ref = createListed(id, previous, 'queued', 'started', record, now, 'queue', queue, 'type', workflowType, 'version',
    version, 'started', now, 'parent', link)
  push('w', queue, ref, false, queue == own, now)
  return looks
end

-- A failure without more than its type and a message, in the JSON that FailureRecord.encoded() writes. `word` has nothing
-- to escape.
local function failure(word, message)
  local short = { ['"'] = '\\"', ['\\'] = '\\\\', ['\b'] = '\\b', ['\f'] = '\\f', ['\n'] = '\\n', ['\r'] = '\\r',
    ['\t'] = '\\t' }
  message = string.gsub(message, '[%z\1-\31"\\]', function(character)
    return short[character] or string.format('\\u%04x', string.byte(character))
  end)
  return '{"message":"' .. message .. '","type":"' .. word .. '"}'
end

-- Tells a parent how its child ended, if it still waits for it.
local function endChild(link, how, payload, own, now)
  local operation, ref = string.match(link, '^(%d+):(.*)$')
  local run = load(ref)
  if not run or run.closed then return end
  local ops = base .. 'ops:' .. ref
  local text = call('HGET', ops, operation)
  if not text or string.sub(text, 1, 1) ~= 'c' then return end
  local words = { cancelled = 'Cancelled', terminated = 'Terminated', alreadyRunning = 'AlreadyRunning' }
  if words[how] then payload = failure(words[how], payload) end
  if append(run, how == 'completed' and 'childCompleted' or 'childFailed', operation, payload, now) then
    arrived(run, run.queue == own, now)
  else
    refuse(run, 'the end of a child', now)
  end
  call('HDEL', ops, operation)
  save(run)
end

-- A child, if it is open: then it is the newest run of its workflow id.
local function openChild(link, id)
  local newest = call('HGET', base .. 'newest', id)
  local run = newest and load(newest .. ':' .. id)
  if run and not run.closed and run.parent == link then return run end
end

-- Delivers a message. Answers how much that was beside the message itself, if anything: fields of operations that it removed,
-- or earlier runs of an id that it looked at; for a page of what a closed run left more than there are. `terminate` and `requestCancel` are those of ending.lua.
local terminate, requestCancel
local function deliverOne(message, own, now)
  local fields = unpacked(message)
  local kind, link = fields[1], fields[2]
  if kind == 'start' then
    return startChild(link, fields[3], fields[4], fields[5], fields[6], fields[7], own, now)
  elseif kind == 'ended' then
    endChild(link, fields[3], fields[4], own, now)
  elseif kind == 'remains' then
    clearPage(link, now)
    return math.huge
  else
    local run = openChild(link, fields[3])
    if run and kind == 'signal' and append(run, 'signalled', 0, fields[4], now) then
      arrived(run, run.queue == own, now)
      save(run)
    elseif run and kind == 'cancel' then
      requestCancel(run, fields[4], run.queue == own, now)
    elseif run and kind == 'terminate' then
      terminate(run, fields[4], now)
    end
    return run and run.removed
  end
end

-- Delivers up to `limit` messages, in the order in which they were sent; fewer if they end runs of many operations or start
-- runs of ids that were used often, and none after a page of what a closed run left. `own` is the queue that the caller takes
-- from: it needs no wake-up. Answers
-- whether there are more.
local function deliver(own, now, limit)
  terminate, requestCancel = ending()
  -- Lets the deliveries pass at maxmemory.
  call('HDEL', meta, '-')
  while limit > 0 do
    limit = limit - 1
    local message = call('LINDEX', base .. 'outbox', 0)
    if not message then break end
    -- It stays there if Redis refuses a part of it.
    local work = guarded('m:' .. message, deliverOne, message, own, now) or 0
    call('LPOP', base .. 'outbox')
    limit = limit - work / 16
    post('', true, now, work == math.huge)
  end
  if call('EXISTS', base .. 'outbox') == 1 then return true end
  call('HDEL', meta, 'outbox')
  return false
end
