import type { IncomingHttpHeaders } from 'node:http';

/** A place in a trace, as the W3C headers tell it. */
export interface TraceContext {
  /** 32 hexadecimal digits. */
  readonly traceId: string;
  /** 16 hexadecimal digits. */
  readonly spanId: string;
  readonly sampled: 'sampled' | 'not-sampled';
  /** What vendors add; handed on as it is. */
  readonly state?: string | undefined;
}

const traceparent = /^([0-9a-f]{2})-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;
const longestState = 512;
const printable = /^[\x20-\x7e]+$/;

/** The context that a request brings; undefined when it brings none that can be read. */
export function readTraceContext(headers: IncomingHttpHeaders): TraceContext | undefined {
  const found = traceparent.exec(typeof headers.traceparent === 'string' ? headers.traceparent.trim() : '');
  if (found === null) return undefined;
  const [, version, traceId = '', spanId = '', flags = '00', more] = found;
  // Version ff is forbidden; only later versions than 00 may have more members.
  if (version === 'ff' || (version === '00' && more !== undefined)) return undefined;
  const { tracestate } = headers;
  const state = typeof tracestate === 'string' && tracestate.length <= longestState && printable.test(tracestate) ? tracestate : undefined;
  return { traceId, spanId, sampled: (Number.parseInt(flags, 16) & 1) === 1 ? 'sampled' : 'not-sampled', ...(state === undefined ? {} : { state }) };
}

/** The `traceparent` of a context. */
export function traceparentOf({ traceId, spanId, sampled }: TraceContext): string {
  return `00-${traceId}-${spanId}-${sampled === 'sampled' ? '01' : '00'}`;
}

/** The headers that hand a context on. */
export function traceHeaders(context: TraceContext | undefined): Readonly<Record<string, string>> {
  if (context === undefined) return {};
  return { traceparent: traceparentOf(context), ...(context.state === undefined ? {} : { tracestate: context.state }) };
}
