-- unpacking: the fields of what PackedWriter, or send() in messages.lua, wrote.
local function unpacked(bytes)
  local fields, position = {}, 1
  while position <= #bytes do
    local length, start = string.match(bytes, '^(%d+):()', position)
    position = start + tonumber(length)
    fields[#fields + 1] = string.sub(bytes, start, position - 1)
  end
  return fields
end
