-- handback: gives back what a worker holds, without counting a death.
-- held:<worker> is a hash: nonce -> "<deadline of the attempt, heartbeats included, or 0> <member of leases>".

-- Gives one claim back to the front of its queue. True if it was held.
local function handBack(worker, nonce, held, now)
  call('HDEL', base .. 'held:' .. worker, nonce)
  local member = string.match(held, '^%d+ (.*)$')
  call('ZREM', base .. 'leases', member)
  local kind = string.sub(member, 1, 1)
  if kind == 'w' then
    local run = load(string.sub(member, 3))
    if run and run.state == 'leased' and run.claim and string.find(run.claim, ' ' .. nonce .. ' ', 1, true) then
      settle(run, true, false, now)
      save(run)
    end
  else
    local operation, ref = string.match(member, '^a:(%d+):(.*)$')
    local activity = loadActivity(ref, operation)
    if activity and activity.state == 'l' and activity.nonce == nonce then
      retrying().queue(activity, true, nil, now)
    end
  end
end
