-- rights: tries each command that scripts use, on a key that no script leaves behind, and tells which are refused to the user.
--
-- Reply: for each refused one its name, and "command", "key" or "channel": what of it is refused
-- Refusals come before a command is executed, so what it would say to these arguments doesn't matter.
local key, other = base .. 'preflight', base .. 'preflight:2'
local out = {}

local function try(name, ...)
  local answer = redis.pcall(name, ...)
  local text = type(answer) == 'table' and answer.err and string.lower(answer.err)
  -- Redis 6 and 7 say this differently.
  if not text or not (string.find(text, 'noperm') or string.find(text, 'no permission') or string.find(text, 'acl failure')
    or string.find(text, 'the user executing the script')) then
    return true
  end
  out[#out + 1] = name
  local isKey = string.find(text, 'access a key', 1, true) or string.find(text, 'access at least one of the keys', 1, true)
  local isChannel = string.find(text, 'channel', 1, true)
  out[#out + 1] = isKey and 'key' or isChannel and 'channel' or 'command'
  return false
end

-- What is written below must go away again.
if not try('DEL', key, other) then return out end
for _, name in ipairs({ 'UNLINK', 'EXISTS', 'TTL', 'PERSIST', 'HGETALL', 'HKEYS', 'HLEN', 'LLEN', 'LPOP', 'SCARD', 'SPOP',
  'SRANDMEMBER', 'XLEN', 'ZCARD' }) do try(name, key) end
for _, name in ipairs({ 'HDEL', 'HEXISTS', 'HGET', 'HMGET', 'LPOS', 'SISMEMBER', 'SREM', 'ZREM', 'ZSCORE' }) do
  try(name, key, 'none')
end
for _, name in ipairs({ 'LRANGE', 'LTRIM', 'ZRANGE', 'ZREVRANGE', 'ZRANGEBYSCORE', 'ZREMRANGEBYSCORE' }) do
  try(name, key, 0, 0)
end
try('TIME')
try('EXPIRE', key, 600)
try('HRANDFIELD', key, 1)
try('HSCAN', key, 0)
try('LINDEX', key, 0)
try('LREM', key, 0, 'none')
try('BLPOP', key, 1)
try('ZRANGEBYLEX', key, '-', '+')
try('XRANGE', key, '-', '+')
try('XREVRANGE', key, '-', '+')
try('COPY', key, other)
try('RENAME', key, other)
try('PUBLISH', key, '')
try('PUBSUB', 'NUMSUB', key)
-- None of these is written: the number isn't one, or the stream doesn't exist.
try('HINCRBY', key, 'none', 'x')
try('ZADD', key, 'x', 'none')
try('XADD', key, 'NOMKSTREAM', '1-0', 'none', '')
for _, name in ipairs({ 'LPUSH', 'RPUSH', 'SADD' }) do
  try(name, key, 'none')
  call('DEL', key)
end
try('HSET', key, 'none', '')
call('DEL', key)
return out
