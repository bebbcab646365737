import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { WireError } from '../dialect.ts';
import { answerEntry } from './answer-entry.ts';
import { answerSubmission, batchHandler, commonBatchRoutes, type BatchRouteParts } from './batch-routes.ts';
import type { BatchEntry, FinishedEntry, ShelvedBatch } from './batch-shelf.ts';
import { fileRoutes, type StoredFiles } from './openai-files.ts';

const endpoint = '/v1/chat/completions';
const daySeconds = 86_400;

const submission = z.object({ input_file_id: z.string(), endpoint: z.literal(endpoint), completion_window: z.literal('24h'), metadata: z.record(z.string().max(64), z.string().max(512)).nullish() });
const line = z.object({ custom_id: z.string().min(1), method: z.literal('POST'), url: z.literal(endpoint), body: z.record(z.string(), z.unknown()) });

/** The lines of a file; `invalid` names the first that is none of a batch. */
function parseLines(text: string): { readonly entries: readonly BatchEntry[] } | { readonly invalid: number } {
  const entries: BatchEntry[] = [];
  for (const [index, each] of text.split('\n').filter((one) => one !== '').entries()) {
    const parsed = line.safeParse(JSON.parse(each) as unknown);
    if (!parsed.success || entries.some(({ customId }) => customId === parsed.data.custom_id)) return { invalid: index + 1 };
    entries.push({ customId: parsed.data.custom_id, body: parsed.data.body });
  }
  return entries.length === 0 ? { invalid: 1 } : { entries };
}

function outputLine({ customId, end }: FinishedEntry, requestId: string): string {
  const shell = { id: `batch_req_${customId}`, custom_id: customId };
  if (end.kind === 'answered' || end.kind === 'errored') return `${JSON.stringify({ ...shell, response: { status_code: end.kind === 'answered' ? 200 : end.status, request_id: requestId, body: end.body }, error: null })}\n`;
  return `${JSON.stringify({ ...shell, response: null, error: { code: `batch_${end.kind}`, message: 'This request was not executed.' } })}\n`;
}

/** Files of results are written when somebody looks and the batch has ended. */
function filesOf({ id, state, results }: ShelvedBatch, files: StoredFiles): { readonly output?: string; readonly errors?: string } {
  if (state !== 'ended') return {};
  const write = (kind: 'output' | 'errors', lines: readonly FinishedEntry[]): string | undefined => {
    if (lines.length === 0) return undefined;
    const name = `file-${kind}-${id}`;
    files.putOnce(name, lines.map((each) => outputLine(each, id)).join(''));
    return name;
  };
  const output = write('output', results.filter(({ end }) => end.kind === 'answered'));
  const errors = write('errors', results.filter(({ end }) => end.kind !== 'answered'));
  return { ...(output === undefined ? {} : { output }), ...(errors === undefined ? {} : { errors }) };
}

function statusOf({ state, entries, results }: ShelvedBatch): string {
  if (state !== 'ended') return state === 'cancelling' ? 'cancelling' : 'in_progress';
  if (entries.length === 0) return 'failed';
  const kinds = new Set(results.map(({ end }) => end.kind));
  return kinds.has('expired') ? 'expired' : kinds.has('cancelled') ? 'cancelled' : 'completed';
}

/** OpenAI's Batch API over the files that clients upload. */
export function openAiBatchRoutes(app: FastifyInstance, parts: BatchRouteParts): void {
  const { shelf, ids, script } = parts;
  const files = fileRoutes(app, parts);
  const body = (batch: ShelvedBatch): object => {
    const { output, errors } = filesOf(batch, files);
    const failed = batch.state === 'ended' && batch.entries.length === 0;
    const answered = batch.results.filter(({ end }) => end.kind === 'answered').length;
    return {
      id: batch.id,
      object: 'batch',
      endpoint,
      completion_window: '24h',
      input_file_id: batch.inputFile,
      status: statusOf(batch),
      created_at: batch.createdAt,
      expires_at: batch.createdAt + daySeconds,
      output_file_id: output ?? null,
      error_file_id: errors ?? null,
      errors: failed ? { object: 'list', data: [{ code: 'invalid_json_line', line: 1, message: 'The file holds a line that is no request.', param: null }] } : null,
      request_counts: { total: batch.entries.length, completed: answered, failed: batch.results.length - answered },
      metadata: batch.metadata,
    };
  };
  app.post('/v1/batches', batchHandler(parts, async (request, reply) => {
    const parsed = submission.safeParse(request.body);
    if (!parsed.success) throw new WireError(400, `Invalid value for '${parsed.error.issues[0]?.path.join('.') ?? 'body'}'.`, parsed.error.issues[0]?.path.join('.') ?? null);
    const text = files.get(parsed.data.input_file_id);
    if (text === undefined) throw new WireError(404, `No such File object: ${parsed.data.input_file_id}`, 'input_file_id');
    const lines = parseLines(text);
    const { headers } = request;
    const facts = { id: ids.next('batch_'), entries: 'entries' in lines ? lines.entries : [], metadata: parsed.data.metadata ?? null, inputFile: parsed.data.input_file_id };
    const batch = shelf.add(facts, script.current.script.batches, (entry) => answerEntry(parts, entry, headers));
    return await answerSubmission(parts, reply, body(batch));
  }));
  commonBatchRoutes(app, parts, { path: '/v1/batches', body });
}
