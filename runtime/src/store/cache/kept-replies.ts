import type { ModelReply } from '../../providers/model-client.ts';
import type { ResponseCache } from '../../providers/response-cache.ts';
import type { Cache } from './cache.ts';

function isReply(value: unknown): value is ModelReply {
  return typeof value === 'object' && value !== null && 'text' in value && typeof value.text === 'string' && 'stop' in value && 'usage' in value && 'toolCalls' in value && Array.isArray(value.toolCalls);
}

function parse(text: string): ModelReply | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isReply(value) ? value : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** Replies of models in a cache of all replicas. What cannot be read, as another revision wrote it, is not there. */
export function createKeptReplies(cache: Cache): ResponseCache {
  return {
    get: async (key) => {
      const text = await cache.get(`reply:${key}`);
      return text === undefined ? undefined : parse(text);
    },
    set: (key, reply, ttlMilliseconds) => cache.set(`reply:${key}`, JSON.stringify(reply), ttlMilliseconds),
  };
}
