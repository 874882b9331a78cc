-- marking: what tells one state of the closed runs from a later one: what meta counts of them all, how many there are, the
-- oldest and the newest.
local function closedMarks()
  local closed = base .. 'closed'
  return call('HGET', meta, 'kept') or '0', call('ZCARD', closed), call('ZRANGE', closed, 0, 0)[1] or '',
    call('ZRANGE', closed, -1, -1)[1] or ''
end
