import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { WireError } from '../dialect.ts';
import { authenticate, sendError, type ModelRouteParts } from '../model-route.ts';
import type { BatchShelf, ShelvedBatch } from './batch-shelf.ts';

export interface BatchRouteParts extends ModelRouteParts {
  readonly shelf: BatchShelf;
}

type Handler = (request: FastifyRequest, reply: FastifyReply) => Promise<unknown>;

const idParameter = z.object({ id: z.string() });
const listQuery = z.object({ limit: z.coerce.number().int().min(1).max(1000).default(20), after: z.string().optional(), after_id: z.string().optional() });

/** A handler whose WireErrors are told in the provider's shape, behind the key and the `absent` of the script. */
export function batchHandler({ dialect, ids, script }: ModelRouteParts, handler: Handler): Handler {
  return async (request, reply) => {
    const requestId = ids.next(dialect.idPrefix.request);
    reply.header(dialect.requestIdHeader, requestId);
    try {
      const { script: current } = script.current;
      if (current.batches.absent) throw new WireError(404, `There is no ${request.method} ${request.url}.`);
      authenticate(current, dialect.apiKey(request.headers));
      if (current.batches.status !== undefined) throw new WireError(current.batches.status, 'The batches are not available (simulated).');
      return await handler(request, reply);
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      await sendError(dialect, reply, { status: error.status, message: error.message, param: error.param, requestId });
      return reply;
    }
  };
}

export function batchOf(shelf: BatchShelf, request: FastifyRequest): ShelvedBatch {
  const { id } = idParameter.parse(request.params);
  const batch = shelf.get(id);
  if (batch === undefined) throw new WireError(404, `There is no batch ${id}.`);
  return batch;
}

/** Answers a submission, or cuts the connection after it was taken. */
export async function answerSubmission({ shelf, script }: BatchRouteParts, reply: FastifyReply, body: object): Promise<unknown> {
  if (shelf.losesAnswer(script.current.script) === 'sent') return await reply.send(body);
  reply.hijack();
  reply.raw.destroy();
  return reply;
}

/** What all providers have: look, list and cancel. */
export function commonBatchRoutes(app: FastifyInstance, parts: BatchRouteParts, shape: { readonly path: string; readonly body: (batch: ShelvedBatch) => object }): void {
  const { shelf } = parts;
  const { path, body } = shape;
  app.get(path, batchHandler(parts, async (request) => {
    const { limit, after, after_id: afterId } = listQuery.parse(request.query);
    const { batches, more } = shelf.page(after ?? afterId, limit);
    const data = batches.map(body);
    return { object: 'list', data, has_more: more, first_id: batches[0]?.id ?? null, last_id: batches.at(-1)?.id ?? null };
  }));
  app.get(`${path}/:id`, batchHandler(parts, async (request) => body(batchOf(shelf, request))));
  app.post(`${path}/:id/cancel`, batchHandler(parts, async (request) => {
    const batch = batchOf(shelf, request);
    if (batch.state === 'ended') throw new WireError(409, 'A batch that has ended cannot be cancelled.');
    shelf.cancel(batch);
    return body(batch);
  }));
}

