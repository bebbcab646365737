import { parseTime } from '../clock-system.ts';
import { KubeError, type StatusCause } from '../kube-error.ts';
import type { Redactor } from './redaction.ts';

/** Longest wait that is believed: beyond it something is wrong with a clock, and whoever waits should look again. */
const MAX_RETRY_AFTER_MS = 600_000;
/** Longest piece of an answer that is not a Status (a proxy's page) to quote. */
const QUOTE_CHARS = 200;

interface StatusBody {
  readonly kind?: string;
  // Whatever answered may not be an API server.
  readonly message?: unknown;
  readonly reason?: unknown;
  readonly code?: unknown;
  readonly metadata?: { readonly continue?: unknown } | null;
  readonly details?: { readonly retryAfterSeconds?: number; readonly causes?: readonly StatusCause[] };
}

export interface Answer {
  readonly code: number;
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly body: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** Wall clock, milliseconds: a Retry-After may be a date. */
  readonly nowMs: number;
  /** Knows the text that must not appear in the error. */
  readonly redactor: Redactor;
}

/** The error an unsuccessful answer stands for, whether its body is a Status or not. */
export function statusError(answer: Answer): KubeError {
  const { code, method, path, redactor } = answer;
  const status = parseStatus(answer.body);
  const reason = redactor.text(textOf(status?.reason) ?? defaultReason(code));
  // Redacted before it is cut: half a secret is one, too.
  const message = textOf(status?.message);
  const said = redactor.text(message ?? answer.body).trim() || 'no explanation';
  const quoted = message !== undefined ? said : said.slice(0, QUOTE_CHARS);
  return new KubeError({
    code,
    reason,
    message: `${quoted} (${method} ${path}: ${code} ${reason}${flowControl(answer)})`,
    method,
    path,
    retryAfterMs: boundedWait(retryAfterMs(answer, status)),
    causes: causesOf(status).map((cause) => redactCause(cause, redactor)),
    freshContinue: freshContinue(status, redactor),
  });
}

/** A token that repeats a credential is changed with it, and so of no use: better than an error that holds one. */
function freshContinue(status: StatusBody | undefined, redactor: Redactor): string | undefined {
  const token = textOf(status?.metadata?.continue);
  return token === undefined ? undefined : redactor.text(token);
}

/** Which queue of the API server's priority and fairness was full: the UIDs are those of FlowSchema and PriorityLevelConfiguration objects. */
function flowControl({ code, headers }: Answer): string {
  const schema = headerOf(headers, 'x-kubernetes-pf-flowschema-uid');
  const level = headerOf(headers, 'x-kubernetes-pf-prioritylevel-uid');
  return code === 429 && schema !== undefined && level !== undefined ? `, flow schema ${schema}, priority level ${level}` : '';
}

function headerOf(headers: Answer['headers'], name: string): string | undefined {
  const value = headers[name];
  return Array.isArray(value) ? value[0] : value;
}

/** A watch's ERROR event carries the same Status. */
export function statusEventError(object: unknown, at: { method: string; path: string }, redact: (text: string) => string): KubeError {
  const status = (typeof object === 'object' && object !== null ? object : {}) as StatusBody;
  const code = typeof status.code === 'number' ? status.code : 500;
  const reason = redact(textOf(status.reason) ?? defaultReason(code));
  const seconds = status.details?.retryAfterSeconds;
  return new KubeError({
    code, reason, ...at, message: `${redact(textOf(status.message) ?? 'the watch reported an error')} (${at.method} ${at.path}: ${code} ${reason})`,
    retryAfterMs: boundedWait(typeof seconds === 'number' ? seconds * 1000 : undefined),
  });
}

function parseStatus(body: string): StatusBody | undefined {
  try {
    const parsed: unknown = JSON.parse(body);
    return typeof parsed === 'object' && parsed !== null && (parsed as StatusBody).kind === 'Status' ? parsed : undefined;
  } catch {
    return undefined;
  }
}

function retryAfterMs(answer: Answer, status: StatusBody | undefined): number | undefined {
  const header = headerOf(answer.headers, 'retry-after')?.trim();
  if (header && /^\d+$/.test(header)) return Number(header) * 1000;
  const date = header ? parseTime(header) : undefined;
  // A date is counted from the server's own clock, which the answer tells; this one may be years off.
  if (date !== undefined) return date - (parseTime(headerOf(answer.headers, 'date') ?? '') ?? answer.nowMs);
  const seconds = status?.details?.retryAfterSeconds;
  return typeof seconds === 'number' && seconds > 0 ? seconds * 1000 : undefined;
}

/** A non-empty string, else undefined. */
function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function boundedWait(ms: number | undefined): number | undefined {
  return ms === undefined ? undefined : Math.min(MAX_RETRY_AFTER_MS, Math.max(0, ms));
}

function defaultReason(code: number): string {
  const reasons: Record<number, string> = {
    400: 'BadRequest', 401: 'Unauthorized', 403: 'Forbidden', 404: 'NotFound', 405: 'MethodNotAllowed', 406: 'NotAcceptable',
    409: 'Conflict', 410: 'Gone', 413: 'RequestEntityTooLarge', 415: 'UnsupportedMediaType', 422: 'Invalid', 429: 'TooManyRequests', 500: 'InternalError', 503: 'ServiceUnavailable', 504: 'Timeout',
  };
  return reasons[code] ?? 'Unknown';
}

function causesOf(status: StatusBody | undefined): readonly StatusCause[] {
  const causes: unknown = status?.details?.causes;
  return Array.isArray(causes) ? (causes as StatusCause[]) : [];
}

/** Text by text: in JSON a secret with a quotation mark would take the syntax with it. */
function redactCause(cause: StatusCause, redactor: Redactor): StatusCause {
  const members = Object.entries(cause ?? {}).filter((member): member is [string, string] => typeof member[1] === 'string');
  return Object.fromEntries(members.map(([name, text]) => [name, redactor.text(text)]));
}
