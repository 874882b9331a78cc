-- describing: a run as flat text: its reference, the kind and the payload of the entry that ended it (or "" and ""), then
-- its hash's fields and values.
local function describe(ref)
  local fields = call('HGETALL', base .. 'run:' .. ref)
  if #fields == 0 then return nil end
  local kind, payload = '', ''
  for index = 1, #fields, 2 do
    if fields[index] == 'closed' then
      local entry = call('XREVRANGE', base .. 'history:' .. ref, '+', '-', 'COUNT', 1)[1]
      if entry then kind, payload = entry[2][1], entry[2][4] or string.match(entry[2][2], '^%d+ %d+ (.*)$') or '' end
    end
  end
  return { ref, kind, payload, unpack(fields) }
end
