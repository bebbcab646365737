import type { HttpTransport } from '../../egress/transport.ts';
import { traceHeaders } from './trace-context.ts';
import type { Tracing } from './tracing.ts';

type Fetch = typeof fetch;

function withHeaders(send: Fetch, tracing: Tracing): Fetch {
  return (input, init) => {
    const added = Object.entries(traceHeaders(tracing.current()));
    if (added.length === 0) return send(input, init);
    const headers = new Headers(init?.headers);
    for (const [name, value] of added) headers.set(name, value);
    return send(input, { ...init, headers });
  };
}

/** Requests of tools carry the context of the trace that they are a part of. */
export function traceTransport(transport: HttpTransport, tracing: Tracing): HttpTransport {
  return {
    ...transport,
    send: (request, signal) => transport.send({ ...request, headers: { ...request.headers, ...traceHeaders(tracing.current()) } }, signal),
    fetcher: (egress) => withHeaders(transport.fetcher(egress), tracing),
  };
}
