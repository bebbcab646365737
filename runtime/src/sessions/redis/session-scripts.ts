import { redisScript } from '../../store/redis/redis-connection.ts';

/** The first parameter of each: the time in milliseconds, or nothing for the server's own. */
const NOW = `
local now = tonumber(ARGV[1])
if now == nil then local t = redis.call('TIME') now = t[1] * 1000 + math.floor(t[2] / 1000) end
`;

/** KEYS: session. ARGV: now, tenant, subject, authority or nothing; the same rule as `isSameOwner`. */
const OWNED = `
local function owned()
  local s = redis.call('HMGET', KEYS[1], 'tenant', 'subject', 'expires_at', 'authority')
  return s[1] == ARGV[2] and s[2] == ARGV[3] and tonumber(s[3]) > now and (not s[4] or s[4] == '' or ARGV[4] == '' or s[4] == ARGV[4])
end
`;

/** KEYS: session, messages, index. ARGV: now, tenant, subject, authority or nothing, id, idle, most sessions, slack. */
export const createScript = redisScript('create', `${NOW}
local idle = tonumber(ARGV[6])
redis.call('ZREMRANGEBYSCORE', KEYS[3], '-inf', now - idle)
if redis.call('ZCARD', KEYS[3]) >= tonumber(ARGV[7]) then return 'quota' end
local expires = redis.call('HGET', KEYS[1], 'expires_at')
if expires and tonumber(expires) > now then return 'taken' end
redis.call('DEL', KEYS[1], KEYS[2])
redis.call('HSET', KEYS[1], 'id', ARGV[5], 'tenant', ARGV[2], 'subject', ARGV[3], 'authority', ARGV[4], 'version', 0, 'messages', 0,
  'created_at', string.format('%d', now), 'updated_at', string.format('%d', now), 'expires_at', string.format('%d', now + idle))
redis.call('PEXPIRE', KEYS[1], idle + tonumber(ARGV[8]))
redis.call('ZADD', KEYS[3], now, ARGV[5])
redis.call('PEXPIRE', KEYS[3], idle + tonumber(ARGV[8]))
return redis.call('HGETALL', KEYS[1])
`);

/** KEYS: session. ARGV: now, tenant, subject, authority or nothing. */
export const getScript = redisScript('get', `${NOW}${OWNED}
if not owned() then return 'unknown' end
return redis.call('HGETALL', KEYS[1])
`);

/** KEYS: session, messages. ARGV: now, tenant, subject, authority or nothing, limit. */
export const messagesScript = redisScript('messages', `${NOW}${OWNED}
if not owned() then return 'unknown' end
return redis.call('LRANGE', KEYS[2], -tonumber(ARGV[5]), -1)
`);

/** KEYS: session, messages, index. ARGV: now, tenant, subject, authority or nothing, id, idle, most messages, slack, expected version or -1, messages as JSON. Each is kept as seq, time and that JSON. */
export const appendScript = redisScript('append', `${NOW}${OWNED}
if not owned() then return 'unknown' end
local version, idle, slack = tonumber(ARGV[9]), tonumber(ARGV[6]), tonumber(ARGV[8])
if version >= 0 and tonumber(redis.call('HGET', KEYS[1], 'version')) ~= version then return 'conflict' end
redis.call('HINCRBY', KEYS[1], 'version', 1)
for i = 10, #ARGV do
  local seq = redis.call('HINCRBY', KEYS[1], 'messages', 1)
  redis.call('RPUSH', KEYS[2], seq .. ' ' .. string.format('%d', now) .. ' ' .. ARGV[i])
end
if ARGV[4] ~= '' then redis.call('HSET', KEYS[1], 'authority', ARGV[4]) end
redis.call('LTRIM', KEYS[2], -tonumber(ARGV[7]), -1)
redis.call('HSET', KEYS[1], 'updated_at', string.format('%d', now), 'expires_at', string.format('%d', now + idle))
redis.call('ZADD', KEYS[3], now, ARGV[5])
for _, key in ipairs(KEYS) do redis.call('PEXPIRE', key, idle + slack) end
return redis.call('HGETALL', KEYS[1])
`);

/** KEYS: session, messages, index. ARGV: now, tenant, subject, authority or nothing, id. */
export const removeScript = redisScript('remove', `${NOW}${OWNED}
if not owned() then return 'unknown' end
redis.call('DEL', KEYS[1], KEYS[2])
redis.call('ZREM', KEYS[3], ARGV[5])
return 'removed'
`);

/** KEYS: index. ARGV: now, idle, below which time or +inf, most. The ids that have not expired, the last written first. */
export const listScript = redisScript('list', `${NOW}
return redis.call('ZREVRANGEBYSCORE', KEYS[1], ARGV[3], '(' .. string.format('%d', now - tonumber(ARGV[2])), 'LIMIT', 0, tonumber(ARGV[4]))
`);
