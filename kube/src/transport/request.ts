export interface TransportRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Absolute path without the query. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | undefined>>;
  readonly body?: unknown;
  readonly contentType?: string;
  /** Media type of the answer; default application/json. */
  readonly accept?: string;
  /** Whether sending it twice does the same as once; default: GET, PUT and DELETE. */
  readonly repeat?: 'idempotent' | 'once';
  /** Runs right before each sending, retries included; what it throws ends the request and is thrown as it is. */
  readonly beforeSend?: (() => void) | undefined;
  readonly signal: AbortSignal;
  readonly deadlineMs?: number;
  /** 'urgent' does not wait for a place among the concurrent calls, nor for the rate limit. */
  readonly urgency?: 'urgent';
}

/** A body read as it comes. Leaving the iteration, or aborting the request's signal, closes its connection. Iterating throws KubeError. */
export interface ByteStream extends AsyncIterable<Uint8Array> {
  /** Takes the request's credential out of a text that the stream carried; there when a Transport opened it. */
  readonly redact?: (text: string) => string;
}

/** Where a request went, for errors: never the query, which may hold what a user typed. */
export function at(request: TransportRequest): { method: string; path: string } {
  return { method: request.method, path: request.path };
}

export function queryString(query: TransportRequest['query']): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query ?? {})) if (value !== undefined && value !== '') parameters.set(name, String(value));
  const text = parameters.toString();
  return text === '' ? '' : `?${text}`;
}
