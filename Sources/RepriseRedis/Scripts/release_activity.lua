-- release_activity: gives an activity back to the front of its queue.
--
-- ARGV: run, operation, nonce
-- Reply: "released" or "fenced"
-- Checks first: that the nonce is the operation's last claim; if that is over, nothing is written.
local activity = loadActivity(ARGV[1], ARGV[2])
if not activity or activity.nonce ~= ARGV[3] then return 'fenced' end
if activity.state ~= 'l' then return 'released' end
local now = clock()
call('ZREM', base .. 'leases', 'a:' .. ARGV[2] .. ':' .. ARGV[1])
call('HDEL', base .. 'held:' .. activity.holder, ARGV[3])
retrying().queue(activity, true, nil, now)
return 'released'
