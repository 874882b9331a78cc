-- effects: what a turn's commands put in place or take back. Answers applyEffects(...), removeAll(...)
-- and takePage(...).
local function effects()
  -- Notes in `sources` what waits for an operation with this state: its timer, lease and hold, its place in a queue, or a
  -- person; a child is told by a message.
  local function collectSource(run, operation, text, sources)
    local kind, state = string.sub(text, 1, 1), string.sub(text, 3, 3)
    if kind == 'c' then
      sources.children[#sources.children + 1] = { tonumber(operation), string.match(text, '^c (%S+) (.*)$') }
    elseif kind == 't' then
      sources.timers[#sources.timers + 1] = 't:' .. operation .. ':' .. run.ref
    elseif state == 'r' or state == 'e' then
      sources.timers[#sources.timers + 1] = state .. ':' .. operation .. ':' .. run.ref
    elseif state == 'q' then
      sources.queued[#sources.queued + 1] = operation
      sources.queued[#sources.queued + 1] = text
      if not string.find(text, '^a q %d+ %d+ %d+ 0 ') then
        sources.timers[#sources.timers + 1] = 'q:' .. operation .. ':' .. run.ref
      end
    elseif state == 'l' then
      sources.leases[#sources.leases + 1] = 'a:' .. operation .. ':' .. run.ref
      local nonce, holder = string.match(text, '^a l %d+ %d+ %d+ %d+ (%S+) (%S+) ')
      local held = sources.held[holder]
      if not held then
        held = {}
        sources.held[holder] = held
        sources.holders[#sources.holders + 1] = holder
      end
      held[#held + 1] = nonce
    elseif state == 'b' then
      sources.stuck[#sources.stuck + 1] = operation
    end
  end

  -- Removes what was noted, and tells the workers why they need not go on. A blocked activity is no longer counted.
  local function removeSources(run, sources, reason)
    if #sources.stuck > 0 then
      chunked('SREM', base .. 'stuck:' .. run.ref, sources.stuck)
      run.stuck = run.stuck - #sources.stuck
      run.troubled = true
    end
    chunked('ZREM', base .. 'timers', sources.timers)
    chunked('ZREM', base .. 'leases', sources.leases)
    for index = 1, #sources.holders do
      local holder = sources.holders[index]
      local nonces = sources.held[holder]
      chunked('HDEL', base .. 'held:' .. holder, nonces)
      for first = 1, #nonces, 512 do
        local list = table.concat(nonces, ' ', first, math.min(first + 511, #nonces))
        call('PUBLISH', base .. 'cancels:' .. holder, reason .. ' ' .. list)
      end
    end
  end

  -- Takes what was noted as queued out of the lists.
  local function dropQueued(run, sources)
    local drop = #sources.queued > 0 and dropping()
    for index = 1, #sources.queued, 2 do
      local operation, text = sources.queued[index], sources.queued[index + 1]
      -- The queue and the name in a spec, see operations.lua.
      local length, rest = string.match(text, '^a q %d+ %d+ %d+ %d+ %S+ %S+ %S+ %S+ (%d+):(.*)$')
      local size, tail = string.match(rest, '^(%d+):(.*)$', length + 1)
      drop(string.sub(rest, 1, length), 'a:' .. string.sub(tail, 1, size), operation .. ':' .. run.ref)
    end
  end

  local function noSources()
    return { timers = {}, leases = {}, holders = {}, held = {}, queued = {}, stuck = {}, children = {} }
  end

  local function link(run, operation)
    return operation .. ':' .. run.ref
  end

  -- A new activity, and when it times out in its queue; nil if never.
  local function scheduled(run, ops, operation, spec, now)
    local timeouts, start, close, rest = string.match(spec, '^(%d+/(%S-)/(%S-)/%S+)( .*)$')
    local due
    if timeouts then
      local deadline = tonumber(close) and digits(now + tonumber(close)) or '-'
      due = math.min(tonumber(start) and now + tonumber(start) or math.huge, tonumber(deadline) or math.huge)
      if due == math.huge then due = nil end
      spec = timeouts .. '/' .. deadline .. rest
    end
    local activity = {
      key = ops, ref = run.ref, operation = operation, state = 'q', attempt = 1, deliveries = 0, deaths = 0, due = due or 0,
      nonce = '-', holder = '-', spec = spec,
    }
    return activity, due
  end

  -- Applies the effects in `args` from `position` to `last`. `quiet` is the queue from which the worker itself claims right
  -- after. `ops` is the key of the run's operations.
  local function applyEffects(run, ops, args, position, last, turn, quiet, now)
    local fields, timers, queues, tasks, cancelled = {}, {}, {}, {}, nil
    local earliest, member
    local function flush()
      for index = 1, #timers, 2 do
        local due = tonumber(timers[index])
        if not earliest or due < earliest then earliest, member = due, timers[index + 1] end
      end
      chunked('HSET', ops, fields)
      chunked('ZADD', base .. 'timers', timers)
      fields, timers = {}, {}
    end
    while position <= last do
      local effect, operation = args[position], args[position + 1]
      if effect == 'a' then
        local queue = args[position + 4]
        local activity, due = scheduled(run, ops, operation, args[position + 5] .. run.type, now)
        local input = string.sub(turn, tonumber(args[position + 2]), tonumber(args[position + 3]))
        if due then
          local n = #timers
          timers[n + 1], timers[n + 2] = digits(due), 'q:' .. operation .. ':' .. run.ref
        end
        if together and together.queue == queue then
          activity.input = input
          saveActivity(activity, operation .. ':in', input)
          push('a', queue, operation .. ':' .. run.ref, false, true, now)
        else
          local n = #fields
          fields[n + 1], fields[n + 2] = operation, packedActivity(activity)
          fields[n + 3], fields[n + 4] = operation .. ':in', input
          local list = tasks[queue]
          if not list then
            list = {}
            tasks[queue] = list
            queues[#queues + 1] = queue
          end
          list[#list + 1] = operation .. ':' .. run.ref
        end
        position = position + 6
      elseif effect == 't' then
        local n = #fields
        fields[n + 1], fields[n + 2] = operation, 't ' .. args[position + 2]
        n = #timers
        timers[n + 1], timers[n + 2] = args[position + 2], 't:' .. operation .. ':' .. run.ref
        position = position + 3
      elseif effect == 'n' then
        local n, id, policy = #fields, args[position + 2], args[position + 8]
        fields[n + 1], fields[n + 2] = operation, 'c ' .. policy .. ' ' .. id
        send('start', link(run, operation), id, args[position + 3], args[position + 4], args[position + 5],
          string.sub(turn, tonumber(args[position + 6]), tonumber(args[position + 7])))
        position = position + 9
      elseif effect == 's' then
        flush()
        local id = string.match(call('HGET', ops, operation) or '', '^c %S+ (.*)$')
        local record = string.sub(turn, tonumber(args[position + 2]), tonumber(args[position + 3]))
        if id then send('signal', link(run, operation), id, record) end
        position = position + 4
      else
        -- It may have been put in place by this very turn, and is looked for in queues.
        flush()
        if together then saveTogether() end
        local text = call('HGET', ops, operation)
        if text then
          cancelled = cancelled or noSources()
          collectSource(run, operation, text, cancelled)
          local child = table.remove(cancelled.children)
          if child then
            send('cancel', link(run, operation), child[3], 'its parent ' .. run.ref .. ' cancelled it')
          end
          call('HDEL', ops, operation, operation .. ':in', operation .. ':error', operation .. ':hb')
        end
        position = position + 2
      end
    end
    flush()
    if cancelled then removeSources(run, cancelled, 'requested') end
    if member and quiet == '' then
      -- The earliest may be one that was taken back: then whatever is next now is looked at.
      if cancelled then member = call('ZRANGE', base .. 'timers', 0, 0)[1] or member end
      watchTimer(member, run.queue, now)
    end
    for index = 1, #queues do
      local queue = queues[index]
      chunked('RPUSH', base .. 'queue:a:' .. queue, tasks[queue])
      if queue ~= quiet then wake('a', queue, now) end
    end
    -- Also what this turn has scheduled itself.
    if cancelled then dropQueued(run, cancelled) end
  end

  -- Removes what waits for operations that are open when a run ends, and treats its children by their policies; `fields`
  -- are fields of the operations' hash, at most 512.
  local function removeAll(run, ops, fields)
    local open, sources = {}, noSources()
    for index = 1, #fields do
      if string.find(fields[index], '^%d+$') then open[#open + 1] = fields[index] end
    end
    local texts = #open > 0 and call('HMGET', ops, unpack(open)) or {}
    for index = 1, #open do collectSource(run, open[index], texts[index], sources) end
    removeSources(run, sources, 'runClosed')
    dropQueued(run, sources)
    table.sort(sources.children, function(one, other) return one[1] < other[1] end)
    for index = 1, #sources.children do
      local operation, policy, id = unpack(sources.children[index])
      if policy ~= 'abandon' then send(policy, link(run, operation), id, 'its parent ' .. run.ref .. ' closed') end
    end
  end

  -- Takes the next page of a large turn: its effects, as applyEffects() wants them, and the part of the turn that they refer
  -- to; nil if there is none. LPOP would copy what is large once more.
  local function takePage(staged)
    local page = call('LRANGE', staged, 0, 1)
    call('LTRIM', staged, 2, -1)
    if page[1] then return cmsgpack.unpack(page[1]), page[2] end
  end

  return applyEffects, removeAll, takePage
end
