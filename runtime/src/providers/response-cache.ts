import { createHash } from 'node:crypto';
import type { Clock } from '../platform/clock.ts';
import { remember } from '../platform/remember.ts';
import type { ModelClient, ModelReply, ModelRequest } from './model-client.ts';
import { noTokens } from './token-usage.ts';

/** Keeps replies. An implementation outside of the process may fail: a failure is a miss, never an error of the request. */
export interface ResponseCache {
  readonly get: (key: string) => Promise<ModelReply | undefined>;
  readonly set: (key: string, reply: ModelReply, ttlMilliseconds: number) => Promise<void>;
}

export interface MemoryCacheOptions {
  readonly clock: Clock;
  readonly maxEntries: number;
}

/** In this process; the reply that was used longest ago makes room. */
export function createMemoryResponseCache({ clock, maxEntries }: MemoryCacheOptions): ResponseCache & { readonly size: () => number } {
  const entries = new Map<string, { readonly reply: ModelReply; readonly expiresAt: number }>();
  return {
    get: async (key) => {
      const entry = entries.get(key);
      if (entry === undefined) return undefined;
      entries.delete(key);
      if (entry.expiresAt <= clock.now()) return undefined;
      entries.set(key, entry);
      return entry.reply;
    },
    set: async (key, reply, ttlMilliseconds) => {
      remember(entries, key, { reply, expiresAt: clock.now() + ttlMilliseconds }, maxEntries);
    },
    size: () => entries.size,
  };
}

/** Names all that a reply depends on, and whose it is: tenants never share replies. `made`: how it is made, beside what the request says. */
export function cacheKey({ settings, system, messages, tools, format, caller }: ModelRequest, made: unknown = null): string {
  const { name, temperature, topP, maxOutputTokens } = settings;
  return createHash('sha256').update(JSON.stringify([made, caller?.tenant ?? null, name, temperature ?? null, topP ?? null, maxOutputTokens, system, messages, tools, ...(format === undefined ? [] : [format])])).digest('hex');
}

export interface CachingOptions {
  readonly cache: ResponseCache;
  readonly ttlMilliseconds: number;
  readonly onLookup: (result: 'hit' | 'miss') => void;
  /** How a reply to this request is made: replies of one way never stand in for those of another. Not set: there is one way. */
  readonly madeBy?: ((request: ModelRequest) => unknown) | undefined;
}

/** Only whole answers are kept: a call of a tool is asked for anew each time, as what it depends on may have changed. */
function isKept({ stop, toolCalls, text }: ModelReply): boolean {
  return stop === 'end' && toolCalls.length === 0 && text !== '';
}

export function createCachingClient(client: ModelClient, { cache, ttlMilliseconds, onLookup, madeBy = () => null }: CachingOptions): ModelClient {
  return {
    complete: async (request, complete) => {
      const key = cacheKey(request, madeBy(request));
      const kept = await cache.get(key).catch(() => undefined);
      onLookup(kept === undefined ? 'miss' : 'hit');
      if (kept !== undefined) {
        complete.onText?.(kept.text);
        // Nothing was asked, so nothing was spent.
        return { ...kept, usage: noTokens };
      }
      const reply = await client.complete(request, complete);
      if (isKept(reply)) await cache.set(key, reply, ttlMilliseconds).catch(() => {});
      return reply;
    },
  };
}
