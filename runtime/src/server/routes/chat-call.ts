import type { TokenUsage } from '../../providers/model-client.ts';
import type { AskOptions } from '../ask.ts';
import type { FinishReason } from '../chat-contract.ts';
import type { InvokeRequest, InvokeResponse } from '../contract.ts';
import type { InvocationListener } from '../invocation.ts';
import type { ProblemFacts } from '../problem.ts';

/** One request as the chat routes see it. */
export interface ChatCall {
  readonly id: string;
  /** Seconds since 1970. */
  readonly created: number;
  readonly usage: () => TokenUsage;
  readonly asked: InvokeRequest;
  /** `json`: a program reads the answer, so words that there is none are told as a refusal. */
  readonly form: 'text' | 'json';
  /** The answer ends before the first of these. */
  readonly stop: readonly string[];
  /** `writesAs`: as of {@link AskOptions}. */
  readonly options: (listener: InvocationListener, signal: AbortSignal, writesAs: string | undefined) => AskOptions;
}

/** Clients of OpenAI read `error`; the rest is the problem that all routes give. */
function openAiError({ detail, field, slug, status }: ProblemFacts): object {
  const type = status === 401 ? 'authentication_error' : status === 429 ? 'rate_limit_error' : status < 500 ? 'invalid_request_error' : 'server_error';
  return { error: { message: detail, type, code: slug, param: field ?? null } };
}

export const chatProblems = { problemMembers: openAiError };

/** Why there is no answer, where a program would read it for one. */
export function refusalOf({ form }: Pick<ChatCall, 'form'>, { status, answer }: InvokeResponse): string | null {
  return form === 'json' && status === 'error' ? answer : null;
}

/** `stopped`: the text was cut before a stop sequence. */
export function finishReason({ blocked_by_rule: rule, cut }: InvokeResponse, stopped: 'stopped' | 'whole'): FinishReason {
  if (rule !== undefined) return 'content_filter';
  return cut === true && stopped === 'whole' ? 'length' : 'stop';
}
