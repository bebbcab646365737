import type { BundleTool } from '@sluice/crds';
import type { Passage } from '../knowledge/passage.ts';
import type { ToolArguments } from './arguments.ts';
import { failed, type FailedResult, type ToolFailure } from './tool-result.ts';

export interface RunnerCall {
  readonly values: ToolArguments;
  readonly requestId: string;
  /** The agent and its revision, by whose rules the call is made: for the other side's records. */
  readonly policyVersion?: string | undefined;
  /** Names the effect of a write, so that the other side can tell a repetition; undefined for reads. */
  readonly idempotencyKey: string | undefined;
  /** `traceparent` and `tracestate` of the call, for protocols that carry them in their messages; HTTP has them as headers. */
  readonly trace?: Readonly<Record<string, string>> | undefined;
  /** Bytes of a result that are of use; a runner may stop reading there. */
  readonly maxBytes: number;
}

/** How one try ended. */
export type Attempt =
  | { readonly kind: 'ok'; readonly content: string; readonly cut: 'whole' | 'truncated'; readonly passages?: readonly Passage[] }
  | { readonly kind: 'failed'; readonly result: FailedResult; readonly outlook: Outlook };

/** Whether another try may go better; `afterMilliseconds` is when the other side said so. */
export type Outlook = { readonly kind: 'lasting' } | { readonly kind: 'passing'; readonly afterMilliseconds?: number | undefined };

export const lasting: Outlook = { kind: 'lasting' };

export function failedAttempt(failure: ToolFailure, reason: string, outlook: Outlook = lasting): Attempt {
  return { kind: 'failed', result: failed(failure, reason), outlook };
}

/** A failure after which nobody knows whether the other side acted. */
export function doubtfulAttempt(reason: string, outlook: Outlook = lasting): Attempt {
  return { kind: 'failed', result: { ...failed('error', reason), made: 'unknown' }, outlook };
}

/** A call that may be made, or the reason why it may not. */
export type Prepared = { readonly ok: true; /** Throws what the network throws, and the signal's reason. */ readonly run: (signal: AbortSignal) => Promise<Attempt> } | { readonly ok: false; readonly reason: string };

/** What stands behind one tool. */
export interface ToolRunner {
  /** JSON schema of the arguments. */
  readonly parameters: Readonly<Record<string, unknown>>;
  /** Set where a server says what the parameters are, in the place of `parameters`; undefined while it offers no such tool. */
  readonly listed?: () => Readonly<Record<string, unknown>> | undefined;
  /** Checks a call and reaches nothing yet. */
  readonly prepare: (call: RunnerCall) => Prepared;
}

export const noParameters: Readonly<Record<string, unknown>> = { type: 'object', properties: {} };

export type Effect = BundleTool['effect'];
