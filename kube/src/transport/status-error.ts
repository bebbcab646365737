import { parseTime } from '../clock-system.ts';
import { KubeError, type StatusCause } from '../kube-error.ts';

/** Longest piece of an answer that is not a Status (a proxy's page) to quote. */
const QUOTE_CHARS = 200;

interface StatusBody {
  readonly kind?: string;
  readonly message?: string;
  readonly reason?: string;
  readonly code?: number;
  readonly details?: { readonly retryAfterSeconds?: number; readonly causes?: readonly StatusCause[] };
}

export interface Answer {
  readonly code: number;
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly body: string;
  readonly retryAfter: string | undefined;
  /** Wall clock, milliseconds: a Retry-After may be a date. */
  readonly nowMs: number;
  /** Text that must not appear in the error. */
  readonly secrets: readonly string[];
}

/** The error an unsuccessful answer stands for, whether its body is a Status or not. */
export function statusError(answer: Answer): KubeError {
  const status = parseStatus(answer.body);
  const reason = status?.reason || defaultReason(answer.code);
  const said = status?.message || answer.body.slice(0, QUOTE_CHARS).trim() || 'no explanation';
  return new KubeError({
    code: answer.code,
    reason,
    message: redact(`${said} (${answer.method} ${answer.path}: ${answer.code} ${reason})`, answer.secrets),
    method: answer.method,
    path: answer.path,
    retryAfterMs: retryAfterMs(answer, status),
    causes: (status?.details?.causes ?? []).map((cause) => redactCause(cause, answer.secrets)),
  });
}

/** A watch's ERROR event carries the same Status. */
export function statusEventError(object: unknown, at: { method: string; path: string }): KubeError {
  const status = (typeof object === 'object' && object !== null ? object : {}) as StatusBody;
  const code = typeof status.code === 'number' ? status.code : 500;
  const reason = status.reason || defaultReason(code);
  const seconds = status.details?.retryAfterSeconds;
  return new KubeError({
    code, reason, ...at, message: `${status.message ?? 'the watch reported an error'} (${at.method} ${at.path}: ${code} ${reason})`,
    retryAfterMs: typeof seconds === 'number' ? seconds * 1000 : undefined,
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
  const header = answer.retryAfter?.trim();
  if (header && /^\d+$/.test(header)) return Number(header) * 1000;
  const date = header ? parseTime(header) : undefined;
  if (date !== undefined) return Math.max(0, date - answer.nowMs);
  const seconds = status?.details?.retryAfterSeconds;
  return typeof seconds === 'number' && seconds > 0 ? seconds * 1000 : undefined;
}

function defaultReason(code: number): string {
  const reasons: Record<number, string> = {
    400: 'BadRequest', 401: 'Unauthorized', 403: 'Forbidden', 404: 'NotFound', 405: 'MethodNotAllowed', 409: 'Conflict', 410: 'Gone',
    422: 'Invalid', 429: 'TooManyRequests', 500: 'InternalError', 503: 'ServiceUnavailable', 504: 'Timeout',
  };
  return reasons[code] ?? 'Unknown';
}

function redact(text: string, secrets: readonly string[]): string {
  return secrets.reduce((result, secret) => (secret === '' ? result : result.replaceAll(secret, '[redacted]')), text);
}

function redactCause(cause: StatusCause, secrets: readonly string[]): StatusCause {
  return cause.message === undefined ? cause : { ...cause, message: redact(cause.message, secrets) };
}
