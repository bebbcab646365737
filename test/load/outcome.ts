import { z } from 'zod';

/**
 * Why a request failed: `connection_refused`, `connection_reset`, `name_not_resolved`, `unreachable`, `timeout`, `connection_error` (any other),
 * `http_<status>`, `status_not_success` (the body's `status` field), `bad_body` (not the contract), `stream_error` (an error event),
 * `stream_incomplete` (no result event).
 */
export type FailureReason = string;

export type Outcome = { readonly ok: true } | { readonly ok: false; readonly reason: FailureReason; readonly detail: string };

export interface ReceivedResponse {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

const invokeResponseSchema = z.looseObject({
  request_id: z.string(),
  status: z.string(),
  answer: z.string(),
  evidence: z.array(z.unknown()),
  policy_version: z.string(),
});

const MAX_DETAIL = 200;

/** Judges a whole response against the contract of `POST /v1/invoke`. */
export function judgeResponse(response: ReceivedResponse, requestId: string): Outcome {
  if (response.status !== 200) return failure(`http_${response.status}`, response.body);
  return response.contentType.startsWith('text/event-stream') ? judgeStream(response.body, requestId) : judgeBody(response.body, requestId);
}

/** Names the failure of a request that got no whole response. */
export function judgeError(error: unknown): Outcome {
  const code = codeOf(error);
  const detail = error instanceof Error ? error.message || code : String(error);
  return failure(REASON_OF_CODE[code] ?? 'connection_error', detail);
}

const REASON_OF_CODE: Readonly<Record<string, FailureReason>> = {
  ECONNREFUSED: 'connection_refused',
  ECONNRESET: 'connection_reset',
  EPIPE: 'connection_reset',
  ERR_STREAM_PREMATURE_CLOSE: 'connection_reset',
  ENOTFOUND: 'name_not_resolved',
  EAI_AGAIN: 'name_not_resolved',
  EHOSTUNREACH: 'unreachable',
  ENETUNREACH: 'unreachable',
  ETIMEDOUT: 'timeout',
  DEADLINE: 'timeout',
};

function codeOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';
}

function judgeBody(body: string, requestId: string): Outcome {
  const parsed = invokeResponseSchema.safeParse(json(body));
  if (!parsed.success) return failure('bad_body', `${parsed.error.issues[0]?.path.join('.') || 'body'}: ${body}`);
  if (parsed.data.request_id !== requestId) return failure('bad_body', `request_id: ${parsed.data.request_id} answers ${requestId}`);
  if (parsed.data.status !== 'success') return failure('status_not_success', `${parsed.data.status}: ${parsed.data.answer}`);
  return { ok: true };
}

/** The result is the last event whose data is an invoke response; an event named `error` fails the request. */
function judgeStream(body: string, requestId: string): Outcome {
  const events = body.split(/\r?\n\r?\n/u).map(parseEvent);
  const error = events.find(({ name }) => name === 'error');
  if (error !== undefined) return failure('stream_error', error.data);
  const result = events.findLast(({ data }) => invokeResponseSchema.safeParse(json(data)).success);
  return result === undefined ? failure('stream_incomplete', body.slice(-MAX_DETAIL)) : judgeBody(result.data, requestId);
}

function parseEvent(block: string): { readonly name: string; readonly data: string } {
  const lines = block.split(/\r?\n/u);
  const field = (key: string): readonly string[] => lines.filter((line) => line.startsWith(`${key}:`)).map((line) => line.slice(key.length + 1).trimStart());
  return { name: field('event')[0] ?? 'message', data: field('data').join('\n') };
}

function json(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function failure(reason: FailureReason, detail: string): Outcome {
  return { ok: false, reason, detail: detail.slice(0, MAX_DETAIL) };
}
