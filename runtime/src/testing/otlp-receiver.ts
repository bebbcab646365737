import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';
import { metricsRequest, traceRequest } from './otlp-messages.ts';
import { decodeMessage } from './protobuf.ts';

export interface ReceivedSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string | undefined;
  readonly name: string;
  readonly kind: number;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly resource: Readonly<Record<string, unknown>>;
  /** 2: it failed. */
  readonly status: number;
  readonly statusMessage: string;
  readonly events: number;
}

export interface ReceivedPoint {
  readonly metric: string;
  readonly unit: string;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly count: number;
  readonly sum: number;
}

export interface OtlpReceiver {
  readonly url: string;
  readonly spans: () => readonly ReceivedSpan[];
  readonly points: () => readonly ReceivedPoint[];
  readonly headers: () => readonly IncomingHttpHeaders[];
  /** All that came, as text in latin1: what was sent in any field can be found in it. */
  readonly raw: () => string;
  readonly close: () => Promise<void>;
}

interface Value {
  readonly stringValue?: string;
  readonly intValue?: number | string;
  readonly doubleValue?: number;
  readonly arrayValue?: { readonly values?: readonly Value[] };
}

interface WithAttributes {
  readonly attributes?: readonly { readonly key: string; readonly value?: Value }[];
}

interface Trace {
  readonly resourceSpans?: readonly { readonly resource?: WithAttributes; readonly scopeSpans?: readonly { readonly spans?: readonly (WithAttributes & Omit<ReceivedSpan, 'attributes' | 'status' | 'events'> & { readonly status?: { readonly code?: number; readonly message?: string }; readonly events?: readonly unknown[] })[] }[] }[];
}

interface Metrics {
  readonly resourceMetrics?: readonly { readonly scopeMetrics?: readonly { readonly metrics?: readonly { readonly name: string; readonly unit?: string; readonly histogram?: { readonly dataPoints?: readonly (WithAttributes & { readonly count: number | string; readonly sum: number })[] } }[] }[] }[];
}

function plain({ stringValue, intValue, doubleValue, arrayValue }: Value): unknown {
  if (arrayValue !== undefined) return (arrayValue.values ?? []).map(plain);
  return stringValue ?? (intValue === undefined ? doubleValue : Number(intValue));
}

function attributesOf({ attributes = [] }: WithAttributes): Readonly<Record<string, unknown>> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, plain(value ?? {})]));
}

function spansOf({ resourceSpans = [] }: Trace): ReceivedSpan[] {
  return resourceSpans.flatMap(({ resource = {}, scopeSpans = [] }) =>
    scopeSpans.flatMap(({ spans = [] }) =>
      spans.map((span) => ({ ...span, parentSpanId: span.parentSpanId || undefined, attributes: attributesOf(span), resource: attributesOf(resource), status: span.status?.code ?? 0, statusMessage: span.status?.message ?? '', events: span.events?.length ?? 0 })),
    ),
  );
}

function pointsOf({ resourceMetrics = [] }: Metrics): ReceivedPoint[] {
  const metrics = resourceMetrics.flatMap(({ scopeMetrics = [] }) => scopeMetrics.flatMap((scope) => scope.metrics ?? []));
  return metrics.flatMap(({ name, unit = '', histogram }) => (histogram?.dataPoints ?? []).map((point) => ({ metric: name, unit, attributes: attributesOf(point), count: Number(point.count), sum: point.sum })));
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const body = await buffer(request);
  return request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body;
}

/** A collector of OTLP over HTTP on loopback: takes protobuf and JSON, and keeps what it is told. */
export async function startOtlpReceiver(): Promise<OtlpReceiver> {
  const spans: ReceivedSpan[] = [];
  const points: ReceivedPoint[] = [];
  const headers: IncomingHttpHeaders[] = [];
  const bodies: Buffer[] = [];
  const take = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await bodyOf(request);
    const isJson = request.headers['content-type'] === 'application/json';
    headers.push(request.headers);
    bodies.push(body);
    if (request.url === '/v1/traces') spans.push(...spansOf((isJson ? JSON.parse(body.toString('utf8')) : decodeMessage(body, traceRequest)) as Trace));
    if (request.url === '/v1/metrics') points.push(...pointsOf((isJson ? JSON.parse(body.toString('utf8')) : decodeMessage(body, metricsRequest)) as Metrics));
    response.writeHead(200, { 'content-type': request.headers['content-type'] ?? '' }).end(isJson ? '{}' : undefined);
  };
  const server = createServer((request, response) => void take(request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spans: () => spans,
    points: () => points,
    headers: () => headers,
    raw: () => bodies.map((body) => body.toString('latin1')).join('\n'),
    close: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}
