import { KubeError, type StatusCause } from '../kube-error.ts';
import { safeCause } from '../transport/failure.ts';
import { PieceRedactor } from '../transport/piece-redaction.ts';
import type { Redactor } from '../transport/redaction.ts';
import { secretValuesOf } from './secret-values.ts';
import type { Write } from './write.ts';

/** Words of the API that programs compare: they say nothing of a Secret that holds the same word. */
const REASONS: readonly string[] = [
  'Unauthorized', 'Forbidden', 'NotFound', 'AlreadyExists', 'Conflict', 'Gone', 'Invalid', 'ServerTimeout', 'StoreReadError', 'Timeout', 'TooManyRequests', 'BadRequest',
  'MethodNotAllowed', 'NotAcceptable', 'RequestEntityTooLarge', 'UnsupportedMediaType', 'InternalError', 'Expired', 'ServiceUnavailable', 'NamespaceTerminating',
  'Network', 'Cancelled', 'Malformed', 'Config', 'Unknown',
  'FieldValueNotFound', 'FieldValueRequired', 'FieldValueDuplicate', 'FieldValueInvalid', 'FieldValueNotSupported', 'FieldValueForbidden', 'FieldManagerConflict',
];

/** `error` without the values of the Secret that `write` carries: webhooks and validations like to quote what they refuse. */
export function withoutSecretValues(error: unknown, write: Write): unknown {
  if (!(error instanceof KubeError)) return error;
  const values = secretValuesOf(write);
  if (values.length === 0) return error;
  // A file that was made by hand ends with a line break, which nobody quotes.
  const texts = values.flatMap(({ text }) => [text, text.trim()]);
  return redacted(error, new PieceRedactor([...new Set(texts)], values.flatMap((value) => value.encoded)));
}

function redacted(error: KubeError, redactor: Redactor): KubeError {
  const copy = new KubeError({
    code: error.code, reason: reasonOf(error.reason, redactor), message: redactor.text(error.message), method: error.method, path: error.path,
    retryAfterMs: error.retryAfterMs, causes: error.causes.map((cause) => redactedCause(cause, redactor)),
    ...(error.cause === undefined ? {} : { cause: safeCause(error.cause, redactor) }),
  });
  copy.stack = `${copy.name}: ${copy.message}${framesOf(error)}`;
  return copy;
}

/** Where the error came from: what follows the message, which has been redacted already. */
function framesOf({ stack = '', message }: Error): string {
  const at = stack.indexOf(message);
  return at < 0 ? '' : stack.slice(at + message.length);
}

function redactedCause({ reason, message, field }: StatusCause, redactor: Redactor): StatusCause {
  return {
    ...(reason === undefined ? {} : { reason: reasonOf(reason, redactor) }),
    ...(message === undefined ? {} : { message: redactor.text(message) }),
    ...(field === undefined ? {} : { field: redactor.text(field) }),
  };
}

function reasonOf(reason: string, redactor: Redactor): string {
  return REASONS.includes(reason) ? reason : redactor.text(reason);
}
