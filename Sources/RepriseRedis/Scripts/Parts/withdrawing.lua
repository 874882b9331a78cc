-- withdrawing: takes an open run away from where it is; put it somewhere.
local function withdraw(run)
  if run.state == 'leased' then
    local nonce, holder = string.match(run.claim or '', '^%d+ (%S+) (%S+)$')
    call('ZREM', base .. 'leases', 'w:' .. run.ref)
    if holder then call('HDEL', base .. 'held:' .. holder, nonce) end
  elseif run.state == 'queued' then
    dropping()(run.queue, 'w:' .. run.type, run.ref)
  elseif run.state == 'delayed' then
    call('ZREM', base .. 'timers', 's:' .. run.ref, 'd:' .. run.ref)
  elseif run.state == 'blocked' then
    local tried = call('HGET', run.key, 'tried') or ''
    call('ZREM', base .. 'blocked', run.ref)
    call('ZREM', blockedKey(run.queue, run.type), triedPrefix(tried) .. run.ref)
  end
end

-- Makes a run wait for a person, because its history refused an entry; save() must follow.
local function refuse(run, entry, now)
  if run.state == 'leased' or run.state == 'blocked' then return end
  withdraw(run)
  block(run, 'the history refused ' .. entry .. ': it does not fit the run', '', '', '', now)
end
