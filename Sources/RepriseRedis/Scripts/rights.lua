-- rights: tries each command that scripts use for some roles, on a key that no script leaves behind, and tells which are
-- refused to the user.
--
-- ARGV: the roles, as letters: w(orker), c(lient), o(bserver)
-- Reply: for each refused one its name, and "command", "key" or "channel": what of it is refused
-- Refusals come before a command is executed, so what it would say to these arguments doesn't matter.
local key, other = base .. 'preflight', base .. 'preflight:2'
local out = {}

local function isFor(roles) return string.find(ARGV[1], '[' .. roles .. ']') ~= nil end

local function try(roles, name, ...)
  if not isFor(roles) then return true end
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
if not try('wc', 'UNLINK', key, other) then return out end
for _, name in ipairs({ 'EXISTS', 'HGETALL', 'HLEN', 'LLEN', 'SCARD' }) do try('wco', name, key) end
for _, name in ipairs({ 'TTL', 'XLEN', 'ZCARD' }) do try('wo', name, key) end
for _, name in ipairs({ 'HKEYS', 'SPOP' }) do try('wc', name, key) end
for _, name in ipairs({ 'DEL', 'LPOP', 'PERSIST', 'SRANDMEMBER' }) do try('w', name, key) end
for _, name in ipairs({ 'HEXISTS', 'HGET', 'HMGET', 'LPOS' }) do try('wco', name, key, 'none') end
for _, name in ipairs({ 'HDEL', 'SREM', 'ZREM' }) do try('wc', name, key, 'none') end
for _, name in ipairs({ 'LRANGE', 'ZCOUNT', 'ZRANGE', 'ZREVRANGE' }) do try('wco', name, key, 0, 0) end
try('wo', 'ZRANGEBYSCORE', key, 0, 0)
try('wco', 'TIME')
try('wco', 'XRANGE', key, '-', '+')
try('wco', 'XREVRANGE', key, '-', '+')
try('wo', 'HSCAN', key, 0)
try('wo', 'LINDEX', key, 0)
try('wo', 'SISMEMBER', key, 'none')
try('wo', 'ZSCORE', key, 'none')
try('wc', 'LREM', key, 0, 'none')
try('wc', 'LTRIM', key, 0, 0)
try('wc', 'COPY', key, other)
try('wc', 'RENAME', key, other)
try('wc', 'PUBSUB', 'NUMSUB', base .. 'replies:preflight')
for _, channel in ipairs({ 'replies:', 'cancels:' }) do
  if not try('wc', 'PUBLISH', base .. channel .. 'preflight', '') then break end
end
try('w', 'EXPIRE', key, 600)
try('w', 'HRANDFIELD', key, 1)
try('w', 'ZRANGEBYLEX', key, '-', '+')
try('w', 'ZREMRANGEBYSCORE', key, 0, 0)
-- None of these is written: the number isn't one, or the stream doesn't exist.
try('wc', 'HINCRBY', key, 'none', 'x')
try('wc', 'ZADD', key, 'x', 'none')
try('wc', 'XADD', key, 'NOMKSTREAM', '1-0', 'none', '')
local function tryToMake(roles, name, ...)
  if not isFor(roles) then return end
  try(roles, name, key, ...)
  call('UNLINK', key)
end
tryToMake('w', 'LPUSH', 'none')
tryToMake('wc', 'RPUSH', 'none')
tryToMake('w', 'SADD', 'none')
tryToMake('wc', 'HSET', 'none', '')
try('o', 'SCAN', 0)
try('o', 'SSCAN', key, 0)
try('o', 'ZSCAN', key, 0)
return out
