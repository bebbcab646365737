import type { FastifyInstance } from 'fastify';
import { anthropic } from './anthropic/dialect.ts';
import type { Clock } from './clock.ts';
import type { Ids } from './ids.ts';
import { sendError } from './model-route.ts';
import { openai } from './openai/dialect.ts';
import type { ScriptHolder } from './script/scripted-state.ts';

/** Listed when the script names no models. */
const EXAMPLE_MODELS = ['sim-large', 'sim-small'];

/** `GET /v1/models` in the shape of the caller's provider: Anthropic's clients send `anthropic-version`. */
export function modelsRoute(app: FastifyInstance, { script, clock, ids }: { readonly script: ScriptHolder; readonly clock: Clock; readonly ids: Ids }): void {
  app.get('/v1/models', async (request, reply) => {
    const dialect = request.headers['anthropic-version'] === undefined ? openai : anthropic;
    const requestId = ids.next(dialect.idPrefix.request);
    reply.header(dialect.requestIdHeader, requestId);
    const { apiKeys, models } = script.current.script;
    const key = dialect.apiKey(request.headers);
    if (!key || (apiKeys !== undefined && !apiKeys.includes(key))) {
      await sendError(dialect, reply, { status: 401, message: 'An API key that is valid is required.', param: null, requestId });
      return reply;
    }
    const names = models ?? EXAMPLE_MODELS;
    return dialect === openai ? openaiList(names, clock.unixSeconds()) : anthropicList(names);
  });
}

function openaiList(names: readonly string[], created: number): object {
  return { object: 'list', data: names.map((id) => ({ id, object: 'model', created, owned_by: 'simulator' })) };
}

function anthropicList(names: readonly string[]): object {
  const data = names.map((id) => ({ type: 'model', id, display_name: id, created_at: '2026-01-01T00:00:00Z' }));
  return { data, has_more: false, first_id: names[0] ?? null, last_id: names.at(-1) ?? null };
}
