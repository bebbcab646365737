import { redisScript } from '../../store/redis/redis-connection.ts';

/** The first parameter of each: the time in milliseconds, or nothing for the server's own. */
const NOW = `
local now = tonumber(ARGV[1])
if now == nil then local t = redis.call('TIME') now = t[1] * 1000 + math.floor(t[2] / 1000) end
`;

/** KEYS: session. ARGV: now, tenant, subject. */
const OWNED = `
local function owned()
  local s = redis.call('HMGET', KEYS[1], 'tenant', 'subject', 'expires_at')
  return s[1] == ARGV[2] and s[2] == ARGV[3] and tonumber(s[3]) > now
end
`;

/** KEYS: session, messages, index. ARGV: now, tenant, subject, id, idle, most sessions, slack. */
export const createScript = redisScript('create', `${NOW}
local idle = tonumber(ARGV[5])
redis.call('ZREMRANGEBYSCORE', KEYS[3], '-inf', now - idle)
if redis.call('ZCARD', KEYS[3]) >= tonumber(ARGV[6]) then return 'quota' end
local expires = redis.call('HGET', KEYS[1], 'expires_at')
if expires and tonumber(expires) > now then return 'taken' end
redis.call('DEL', KEYS[1], KEYS[2])
redis.call('HSET', KEYS[1], 'id', ARGV[4], 'tenant', ARGV[2], 'subject', ARGV[3], 'version', 0, 'messages', 0,
  'created_at', string.format('%d', now), 'updated_at', string.format('%d', now), 'expires_at', string.format('%d', now + idle))
redis.call('PEXPIRE', KEYS[1], idle + tonumber(ARGV[7]))
redis.call('ZADD', KEYS[3], now, ARGV[4])
redis.call('PEXPIRE', KEYS[3], idle + tonumber(ARGV[7]))
return redis.call('HGETALL', KEYS[1])
`);

/** KEYS: session. ARGV: now, tenant, subject. */
export const getScript = redisScript('get', `${NOW}${OWNED}
if not owned() then return 'unknown' end
return redis.call('HGETALL', KEYS[1])
`);

/** KEYS: session, messages. ARGV: now, tenant, subject, limit. */
export const messagesScript = redisScript('messages', `${NOW}${OWNED}
if not owned() then return 'unknown' end
return redis.call('LRANGE', KEYS[2], -tonumber(ARGV[4]), -1)
`);

/** KEYS: session, messages, index. ARGV: now, tenant, subject, id, idle, most messages, slack, expected version or -1, messages as JSON. Each is kept as seq, time and that JSON. */
export const appendScript = redisScript('append', `${NOW}${OWNED}
if not owned() then return 'unknown' end
local version, idle, slack = tonumber(ARGV[8]), tonumber(ARGV[5]), tonumber(ARGV[7])
if version >= 0 and tonumber(redis.call('HGET', KEYS[1], 'version')) ~= version then return 'conflict' end
redis.call('HINCRBY', KEYS[1], 'version', 1)
for i = 9, #ARGV do
  local seq = redis.call('HINCRBY', KEYS[1], 'messages', 1)
  redis.call('RPUSH', KEYS[2], seq .. ' ' .. string.format('%d', now) .. ' ' .. ARGV[i])
end
redis.call('LTRIM', KEYS[2], -tonumber(ARGV[6]), -1)
redis.call('HSET', KEYS[1], 'updated_at', string.format('%d', now), 'expires_at', string.format('%d', now + idle))
redis.call('ZADD', KEYS[3], now, ARGV[4])
for _, key in ipairs(KEYS) do redis.call('PEXPIRE', key, idle + slack) end
return redis.call('HGETALL', KEYS[1])
`);

/** KEYS: session, messages, index. ARGV: now, tenant, subject, id. */
export const removeScript = redisScript('remove', `${NOW}${OWNED}
if not owned() then return 'unknown' end
redis.call('DEL', KEYS[1], KEYS[2])
redis.call('ZREM', KEYS[3], ARGV[4])
return 'removed'
`);

/** KEYS: index. ARGV: now, idle, below which time or +inf, most. The ids that have not expired, the last written first. */
export const listScript = redisScript('list', `${NOW}
return redis.call('ZREVRANGEBYSCORE', KEYS[1], ARGV[3], '(' .. string.format('%d', now - tonumber(ARGV[2])), 'LIMIT', 0, tonumber(ARGV[4]))
`);
