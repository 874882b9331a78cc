-- timing: who waits for the next timer.

-- Wakes a worker if the timer just added is the next one, so that somebody waits for it.
local function watchTimer(member, queue, now)
  if call('ZRANGE', base .. 'timers', 0, 0)[1] == member then
    if not wake('w', queue, now) then wake('a', queue, now) end
  end
end
