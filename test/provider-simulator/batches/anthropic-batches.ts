import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { WireError } from '../dialect.ts';
import { answerEntry } from './answer-entry.ts';
import { answerSubmission, batchHandler, batchOf, commonBatchRoutes, type BatchRouteParts } from './batch-routes.ts';
import type { FinishedEntry, ShelvedBatch } from './batch-shelf.ts';

const path = '/v1/messages/batches';
const daySeconds = 86_400;

const submission = z.object({ requests: z.array(z.object({ custom_id: z.string().regex(/^[a-zA-Z0-9_-]{1,64}$/), params: z.record(z.string(), z.unknown()) })).min(1).max(100_000) });

function isoSeconds(seconds: number): string {
  return new Date(seconds * 1000).toISOString();
}

function countsOf({ entries, results, state }: ShelvedBatch): object {
  const count = (kind: string): number => results.filter(({ end }) => end.kind === kind).length;
  return { processing: state === 'ended' ? 0 : entries.length, succeeded: count('answered'), errored: count('errored'), canceled: count('cancelled'), expired: count('expired') };
}

function batchBody(batch: ShelvedBatch): object {
  const { id, state, createdAt, endedAt } = batch;
  return {
    id,
    type: 'message_batch',
    processing_status: { running: 'in_progress', cancelling: 'canceling', ended: 'ended' }[state],
    request_counts: countsOf(batch),
    created_at: isoSeconds(createdAt),
    expires_at: isoSeconds(createdAt + daySeconds),
    ended_at: endedAt === undefined ? null : isoSeconds(endedAt),
    archived_at: null,
    cancel_initiated_at: null,
    results_url: state === 'ended' ? `http://results.invalid${path}/${id}/results` : null,
  };
}

function resultLine({ customId, end }: FinishedEntry): string {
  const result = end.kind === 'answered' ? { type: 'succeeded', message: end.body } : end.kind === 'errored' ? { type: 'errored', error: end.body } : { type: end.kind === 'cancelled' ? 'canceled' : end.kind };
  return `${JSON.stringify({ custom_id: customId, result })}\n`;
}

/** Anthropic's Message Batches. Nothing of the caller's is kept beside the entries: they are known by their `custom_id` alone. */
export function anthropicBatchRoutes(app: FastifyInstance, parts: BatchRouteParts): void {
  const { shelf, ids, script } = parts;
  app.post(path, batchHandler(parts, async (request, reply) => {
    const parsed = submission.safeParse(request.body);
    if (!parsed.success) throw new WireError(400, `${parsed.error.issues[0]?.path.join('.') ?? 'requests'}: ${parsed.error.issues[0]?.message ?? 'is not valid'}`);
    const entries = parsed.data.requests.map(({ custom_id: customId, params }) => ({ customId, body: params }));
    if (new Set(entries.map(({ customId }) => customId)).size < entries.length) throw new WireError(400, 'requests: custom_id must be unique');
    const { headers } = request;
    const batch = shelf.add({ id: ids.next('msgbatch_'), entries, metadata: null, inputFile: undefined }, script.current.script.batches, (body) => answerEntry(parts, body, headers));
    return await answerSubmission(parts, reply, batchBody(batch));
  }));
  commonBatchRoutes(app, parts, { path, body: batchBody });
  app.get(`${path}/:id/results`, batchHandler(parts, async (request, reply) => {
    const batch = batchOf(shelf, request);
    if (batch.state !== 'ended') throw new WireError(400, `The batch ${batch.id} has no results yet.`);
    return await reply.type('application/x-jsonl').send(batch.results.map(resultLine).join(''));
  }));
  app.delete(`${path}/:id`, batchHandler(parts, async (request) => {
    const batch = batchOf(shelf, request);
    if (batch.state !== 'ended') throw new WireError(400, `The batch ${batch.id} has not ended.`);
    shelf.delete(batch.id);
    return { id: batch.id, type: 'message_batch_deleted' };
  }));
}
