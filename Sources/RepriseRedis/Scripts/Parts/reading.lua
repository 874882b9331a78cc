-- reading: a bounded part of a history.

-- Appends kind and value of the entries after `after` to `out`: at most `limit`, and at least one, but no more once
-- they have so many bytes. The value of a long one is a list of what is before the payload, and the payload. XRANGE can't stop at bytes, so it goes by small steps. Answers how many, and their bytes.
local function readHistory(ref, after, last, limit, bytes, out)
  local key, count, size = base .. 'history:' .. ref, 0, 0
  local wanted = math.min(limit, last - after)
  local position = #out
  while count < wanted and size < bytes do
    local entries = redis.pcall('XRANGE', key, digits(after + count + 1) .. '-0', '+', 'COUNT', math.min(wanted - count, 16))
    if #entries == 0 then break end
    for index = 1, #entries do
      local fields = entries[index][2]
      size = size + #fields[2] + #(fields[4] or '')
      if size > bytes and count > 0 then return count, size end
      out[position + 1], out[position + 2] = fields[1], fields[4] and { fields[2], fields[4] } or fields[2]
      position, count = position + 2, count + 1
    end
  end
  return count, size
end
