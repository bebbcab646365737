import { createHash } from 'node:crypto';
import type { Clock } from '../platform/clock.ts';
import { remember } from '../platform/remember.ts';
import type { ModelClient, ModelReply, ModelRequest } from './model-client.ts';
import { ModelError } from './model-error.ts';

/** Schemas are callers' own: what is known of one is short and not kept for long. */
const maximumRefusals = 256;
const forgetMilliseconds = 3_600_000;

/** What a refusal is of: a provider may take an object and no schema, one schema and not another, or a format only where it has no tools. */
function keyOf({ settings: { name }, tools, format }: ModelRequest): string {
  return createHash('sha256').update(JSON.stringify([name, tools.length > 0, format])).digest('base64');
}

/**
 * One model at its provider, which is asked in words alone where it does not take a format: not every model, and not every server that copies a format, can be held to
 * one. The words ask for it too, and the reply is checked. What was refused is not asked for again for an hour.
 */
export function withTakenFormats(client: ModelClient, clock: Pick<Clock, 'now'>): ModelClient {
  const refusals = new Map<string, number>();
  const isRefused = (key: string): boolean => {
    const since = refusals.get(key);
    return since !== undefined && clock.now() - since < forgetMilliseconds;
  };
  return {
    complete: async (request, complete): Promise<ModelReply> => {
      const { format, ...inWords } = request;
      if (format === undefined) return await client.complete(request, complete);
      const key = keyOf(request);
      if (isRefused(key)) return await client.complete(inWords, complete);
      try {
        return await client.complete(request, complete);
      } catch (error) {
        if (!(error instanceof ModelError) || error.failure !== 'invalid_request') throw error;
        const reply = await client.complete(inWords, complete);
        // Only now it is known that the format was why.
        remember(refusals, key, clock.now(), maximumRefusals);
        return reply;
      }
    },
  };
}
