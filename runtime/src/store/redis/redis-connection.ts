import { createHash } from 'node:crypto';
import { Redis, ReplyError } from 'ioredis';
import { StoreError } from '../store-error.ts';

export interface RedisOptions {
  /** `redis://user:password@host:port/0`, or `rediss://` for TLS: a secret. */
  readonly url: string;
  /** In front of every key and channel: agents that share a server have one each. */
  readonly prefix: string;
  /** Milliseconds for a connection, and for a command: what a request may wait for a server that stalls. Default 500. */
  readonly timeoutMs?: number;
}

/** A Lua program that the server runs as one step. */
export interface RedisScript {
  /** What it does, for those who look at how long that took. */
  readonly operation: string;
  readonly lua: string;
  readonly sha: string;
}

export interface RedisConnection {
  readonly client: Redis;
  readonly key: (...parts: readonly string[]) => string;
  /** Runs a command, whose name is `operation`; what fails becomes a StoreError. */
  readonly attempt: <T>(operation: string, work: (client: Redis) => Promise<T>) => Promise<T>;
  readonly script: (script: RedisScript, keys: readonly string[], parameters: readonly (string | number)[]) => Promise<unknown>;
  /** A connection of its own, as one that listens takes no other commands. */
  readonly listener: () => Redis;
  readonly close: () => void;
}

const DEFAULT_TIMEOUT_MS = 500;
const LONGEST_PAUSE_MS = 5_000;

export function redisScript(operation: string, lua: string): RedisScript {
  return { operation, lua, sha: createHash('sha1').update(lua).digest('hex') };
}

/** The server's own text is only in `cause`. */
export function fromRedis(error: unknown): StoreError {
  if (error instanceof StoreError) return error;
  if (!(error instanceof ReplyError)) return new StoreError('unavailable', 'Redis cannot be reached, or did not answer in time', { cause: error });
  const [code = ''] = (error as Error).message.split(' ');
  if (code === 'OOM') return new StoreError('full', 'Redis has no memory left: raise maxmemory, or let it evict', { cause: error });
  if (code === 'LOADING' || code === 'CLUSTERDOWN' || code === 'READONLY' || code === 'MASTERDOWN') return new StoreError('unavailable', `Redis cannot serve now (${code})`, { cause: error });
  if (code === 'NOAUTH' || code === 'WRONGPASS' || code === 'NOPERM') return new StoreError('rejected', `Redis refused the login or the command (${code})`, { cause: error });
  return new StoreError('rejected', 'Redis refused a command', { cause: error });
}

function createClient(url: string, timeoutMs: number, role: 'commands' | 'listening'): Redis {
  const client = new Redis(url, {
    lazyConnect: true,
    connectTimeout: timeoutMs,
    commandTimeout: timeoutMs,
    // A connection on which a command got no answer is given up, so that the next do not wait too.
    socketTimeout: timeoutMs,
    // A command that waits for the server to return would make a request wait that can do without it.
    maxRetriesPerRequest: 0,
    autoResubscribe: role === 'listening',
    retryStrategy: (times) => Math.min(LONGEST_PAUSE_MS, 50 * 2 ** Math.min(times, 10)),
  });
  // Unheard, a broken connection would be printed; commands tell of it themselves.
  client.on('error', () => undefined);
  return client;
}

/** Connects when it is first used, and again whenever the connection breaks. */
export function openRedis(options: RedisOptions): RedisConnection {
  const timeoutMs = options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
  const client = createClient(options.url, timeoutMs, 'commands');
  const listeners: Redis[] = [];
  let away = false;
  client.on('close', () => {
    away = true;
  });
  client.on('ready', () => {
    away = false;
  });
  const attempt = async <T>(_operation: string, work: (client: Redis) => Promise<T>): Promise<T> => {
    // The client goes on trying to connect by itself meanwhile.
    if (away) throw new StoreError('unavailable', 'Redis is away');
    try {
      return await work(client);
    } catch (error) {
      throw fromRedis(error);
    }
  };
  return {
    client,
    attempt,
    key: (...parts) => [options.prefix, ...parts].join(':'),
    script: ({ operation, lua, sha }, keys, parameters) =>
      attempt(operation, async (redis) => {
        try {
          return await redis.evalsha(sha, keys.length, ...keys, ...parameters);
        } catch (error) {
          if (!(error instanceof ReplyError) || !(error as Error).message.startsWith('NOSCRIPT')) throw error;
          return redis.eval(lua, keys.length, ...keys, ...parameters);
        }
      }),
    listener: () => {
      const listening = createClient(options.url, timeoutMs, 'listening');
      listeners.push(listening);
      return listening;
    },
    close: () => {
      for (const each of [client, ...listeners]) each.disconnect();
    },
  };
}
