-- chunking: calls a variadic command in bounded pieces: unpack of thousands of items fails, after earlier writes have been
-- made.
local function chunked(command, key, items)
  for first = 1, #items, 512 do call(command, key, unpack(items, first, math.min(first + 511, #items))) end
end
