import type { IncomingHttpHeaders } from 'node:http';
import { WireError, type Dialect } from '../dialect.ts';
import { defaultMessage, envelopeOf, factsOf, recordOf, type ModelRouteParts } from '../model-route.ts';

/** What became of one entry of a batch, in the provider's own shape. */
export type EntryEnd = { readonly kind: 'answered'; readonly body: object } | { readonly kind: 'errored'; readonly status: number; readonly body: object } | { readonly kind: 'expired' | 'cancelled' };

function errored(dialect: Dialect, status: number, facts: { readonly message: string; readonly param: string | null; readonly requestId: string }): EntryEnd {
  return { kind: 'errored', status, body: dialect.error({ status, ...facts }) };
}

/** Answers one entry by the script, as the same call would be answered by itself; of its rules `status`, `batch` and the answers count. */
export function answerEntry(parts: Omit<ModelRouteParts, 'stopping'>, body: unknown, headers: IncomingHttpHeaders): EntryEnd {
  const { dialect, ids } = parts;
  const requestId = ids.next(dialect.idPrefix.request);
  try {
    const call = dialect.parse(body, headers);
    if (call.stream) throw new WireError(400, 'stream: an entry of a batch is not streamed', 'stream');
    const { script, rules } = parts.script.current;
    if (script.models !== undefined && !script.models.includes(call.model)) throw new WireError(404, `The model ${call.model} does not exist.`, 'model');
    const facts = factsOf(dialect.path, call);
    const taken = rules.take(facts);
    const respond = taken?.rule.respond;
    parts.log.add(recordOf({ facts, call, taken, latencyMs: 0, outcome: respond?.status ?? 200, requestId }));
    if (respond?.batch !== undefined) return { kind: respond.batch };
    if (respond?.status !== undefined) return errored(dialect, respond.status, { message: respond.message ?? defaultMessage(respond.status), param: null, requestId });
    return { kind: 'answered', body: dialect.message(envelopeOf(parts, call, respond)) };
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    return errored(dialect, error.status, { message: error.message, param: error.param, requestId });
  }
}
