import { AsyncLocalStorage } from 'node:async_hooks';
import type { SpanAttributes, SpanNameKey } from './names.ts';
import type { TraceContext } from './trace-context.ts';

/** Something that takes time, as it is told to whoever collects traces. It never holds what was asked or answered. */
export interface Span {
  readonly set: (attributes: SpanAttributes) => void;
  /** `type`: a name out of few, never a message. */
  readonly fail: (type: string) => void;
}

/** A span that its owner ends. */
export interface OpenSpan extends Span {
  readonly context: TraceContext;
  /** What `work` does, and what it waits for, is a part of this span. */
  readonly run: <T>(work: () => T) => T;
  readonly end: () => void;
}

export interface SpanStart {
  readonly span: SpanNameKey;
  readonly attributes: SpanAttributes;
}

export interface RootStart extends SpanStart {
  /** Told on every span below it. */
  readonly requestId: string;
  /** The trace to be a part of; its span is the parent, unless `parent` says that there is none. */
  readonly context: TraceContext;
  readonly parent: 'remote' | 'none';
}

/** Tells spans, and hands the context of a request on to what it causes. */
export interface Tracing {
  /** `off`: contexts are handed on, and no span is told. */
  readonly state: 'on' | 'off';
  /** Begins what has no span of this process around it. */
  readonly begin: (start: RootStart) => OpenSpan;
  /** A part of the current span. Throws what `work` throws; the span has failed then. */
  readonly within: <T>(start: SpanStart, work: (span: Span) => Promise<T>) => Promise<T>;
  readonly current: () => TraceContext | undefined;
}

const silent: Span = { set: () => {}, fail: () => {} };

/** Hands on what came in: a participant that tells no spans must not break the trace of those that do. */
export function createPassiveTracing(): Tracing {
  const storage = new AsyncLocalStorage<TraceContext>();
  return {
    state: 'off',
    begin: ({ context }) => ({ ...silent, context, run: (work) => storage.run(context, work), end: () => {} }),
    within: (_start, work) => work(silent),
    current: () => storage.getStore(),
  };
}

/** Why something failed: the name that its error has for that, or the error's own. */
export function errorType(error: unknown): string {
  if (!(error instanceof Error)) return '_OTHER';
  if ('failure' in error && typeof error.failure === 'string') return error.failure;
  return error.name;
}
