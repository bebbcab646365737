import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { WireError } from '../dialect.ts';
import { batchHandler, type BatchRouteParts } from './batch-routes.ts';

export interface StoredFiles {
  readonly get: (id: string) => string | undefined;
  readonly putOnce: (id: string, text: string) => void;
}

const idParameter = z.object({ id: z.string() });
/** Files kept at a time; the oldest make room. */
const CAPACITY = 1000;

/** The files of the Batch API: uploaded as forms, read and deleted. */
export function fileRoutes(app: FastifyInstance, parts: BatchRouteParts): StoredFiles {
  const files = new Map<string, string>();
  const deleted = new Set<string>();
  const put = (id: string, text: string): void => {
    files.set(id, text);
    const [oldest] = files.keys();
    if (files.size > CAPACITY && oldest !== undefined) files.delete(oldest);
  };
  const textOf = (parameters: unknown): { readonly id: string; readonly text: string } => {
    const { id } = idParameter.parse(parameters);
    const text = files.get(id);
    if (text === undefined) throw new WireError(404, `No such File object: ${id}`, 'id');
    return { id, text };
  };
  app.addContentTypeParser('multipart/form-data', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  app.post('/v1/files', batchHandler(parts, async (request) => {
    const form = await new Response(request.body as Buffer<ArrayBuffer>, { headers: { 'content-type': request.headers['content-type'] ?? '' } }).formData();
    const file = form.get('file');
    if (form.get('purpose') !== 'batch' || !(file instanceof File)) throw new WireError(400, "Give a file, and the purpose 'batch'.", 'purpose');
    const id = parts.ids.next('file-');
    put(id, await file.text());
    return { id, object: 'file', bytes: file.size, created_at: parts.clock.unixSeconds(), filename: file.name, purpose: 'batch', status: 'processed' };
  }));
  app.get('/v1/files', batchHandler(parts, async () => ({ object: 'list', data: [...files].map(([id, text]) => ({ id, object: 'file', bytes: text.length, created_at: 0, filename: id, purpose: 'batch', status: 'processed' })), has_more: false })));
  app.get('/v1/files/:id/content', batchHandler(parts, async (request, reply) => await reply.type('application/octet-stream').send(textOf(request.params).text)));
  app.delete('/v1/files/:id', batchHandler(parts, async (request) => {
    const { id } = textOf(request.params);
    files.delete(id);
    deleted.add(id);
    return { id, object: 'file', deleted: true };
  }));
  return {
    get: (id) => files.get(id),
    putOnce: (id, text) => {
      if (!files.has(id) && !deleted.has(id)) put(id, text);
    },
  };
}
