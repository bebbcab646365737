import { AsyncLocalStorage } from 'node:async_hooks';
import { ROOT_CONTEXT, SpanKind, SpanStatusCode, trace, TraceFlags, createTraceState, type Attributes, type Context, type Span as OtelSpan } from '@opentelemetry/api';
import { RandomIdGenerator, TracerProvider, type Sampler, type SpanProcessor } from '@opentelemetry/sdk-trace';
import type { Resource } from '@opentelemetry/resources';
import { spanNameOf, spanNames, type SpanAttributes, type SpanKindName } from './names.ts';
import type { TraceContext } from './trace-context.ts';
import { errorType, type Span, type Tracing } from './tracing.ts';
import { TurnDeferred } from '../../jobs/batches/turn-deferred.ts';

export interface OtelTracingOptions {
  readonly resource: Resource;
  readonly sampler: Sampler;
  readonly processors: readonly SpanProcessor[];
}

export interface OtelTracing extends Tracing {
  /** Sends what waits, within the exporter's own time limits. */
  readonly shutdown: () => Promise<void>;
}

/** Where a piece of work is. */
interface Frame {
  readonly context: Context;
  readonly span: OtelSpan;
  readonly requestId: string;
  readonly state: string | undefined;
}

const kinds: Readonly<Record<SpanKindName, SpanKind>> = { server: SpanKind.SERVER, client: SpanKind.CLIENT, internal: SpanKind.INTERNAL, consumer: SpanKind.CONSUMER, producer: SpanKind.PRODUCER };

function attributesOf(attributes: SpanAttributes): Attributes {
  return Object.fromEntries(Object.entries(attributes).flatMap(([name, value]) => (value === undefined ? [] : [[name, typeof value === 'object' ? [...value] : value]])));
}

function spanOf(span: OtelSpan): Span {
  return {
    set: (attributes) => void span.setAttributes(attributesOf(attributes)),
    fail: (type) => void span.setAttribute('error.type', type).setStatus({ code: SpanStatusCode.ERROR }),
  };
}

function contextOf({ span, state }: Pick<Frame, 'span' | 'state'>): TraceContext {
  const { traceId, spanId, traceFlags } = span.spanContext();
  return { traceId, spanId, sampled: (traceFlags & TraceFlags.SAMPLED) === 0 ? 'not-sampled' : 'sampled', ...(state === undefined ? {} : { state }) };
}

function remoteParent({ traceId, spanId, sampled, state }: TraceContext): Context {
  const traceState = state === undefined ? {} : { traceState: createTraceState(state) };
  return trace.setSpanContext(ROOT_CONTEXT, { traceId, spanId, isRemote: true, traceFlags: sampled === 'sampled' ? TraceFlags.SAMPLED : TraceFlags.NONE, ...traceState });
}

/** Gives the trace of a root its id: tries of one request share it. */
class GivenTraceIds extends RandomIdGenerator {
  next: string | undefined;

  override generateTraceId(): string {
    return this.next ?? super.generateTraceId();
  }
}

/** Spans of the OpenTelemetry SDK. Nothing is registered globally, so two servers in one process do not meet. */
export function createOtelTracing({ resource, sampler, processors }: OtelTracingOptions): OtelTracing {
  const ids = new GivenTraceIds();
  const provider = new TracerProvider({ resource, sampler, idGenerator: ids, spanProcessors: [...processors] });
  const tracer = provider.getTracer('sluice-runtime');
  const storage = new AsyncLocalStorage<Frame>();

  const start = (key: keyof typeof spanNames, attributes: SpanAttributes, requestId: string, parent: Context): OtelSpan =>
    tracer.startSpan(spanNameOf(key, attributes), { kind: kinds[spanNames[key].kind], attributes: attributesOf({ ...attributes, 'sluice.request_id': requestId }) }, parent);
  return {
    state: 'on',
    begin: ({ span: key, attributes, requestId, context, parent }) => {
      ids.next = parent === 'none' ? context.traceId : undefined;
      const span = start(key, attributes, requestId, parent === 'none' ? ROOT_CONTEXT : remoteParent(context));
      ids.next = undefined;
      let named = requestId;
      const told = spanOf(span);
      return {
        fail: told.fail,
        set: (more) => {
          // The id of a request may be in its body, which is read after the span has begun.
          named = typeof more['sluice.request_id'] === 'string' ? more['sluice.request_id'] : named;
          told.set(more);
        },
        context: contextOf({ span, state: context.state }),
        run: (work) => storage.run({ context: trace.setSpan(ROOT_CONTEXT, span), span, requestId: named, state: context.state }, work),
        end: () => span.end(),
      };
    },
    within: async ({ span: key, attributes }, work) => {
      const frame = storage.getStore();
      if (frame === undefined) return await work({ set: () => {}, fail: () => {} });
      const span = start(key, attributes, frame.requestId, frame.context);
      const told = spanOf(span);
      try {
        return await storage.run({ ...frame, context: trace.setSpan(ROOT_CONTEXT, span), span }, () => work(told));
      } catch (error) {
        if (!(error instanceof TurnDeferred)) told.fail(errorType(error));
        throw error;
      } finally {
        span.end();
      }
    },
    current: () => {
      const frame = storage.getStore();
      return frame === undefined ? undefined : contextOf(frame);
    },
    shutdown: () => provider.shutdown(),
  };
}
