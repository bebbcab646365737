import type { TokenUsage } from '../../providers/model-client.ts';
import type { AskOptions } from '../ask.ts';
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
  readonly options: (listener: InvocationListener, signal: AbortSignal) => AskOptions;
}

/** Clients of OpenAI read `error`; the rest is the problem that all routes give. */
function openAiError({ detail, field, slug, status }: ProblemFacts): object {
  const type = status === 401 ? 'authentication_error' : status === 429 ? 'rate_limit_error' : status < 500 ? 'invalid_request_error' : 'server_error';
  return { error: { message: detail, type, code: slug, param: field ?? null } };
}

export const chatProblems = { problemMembers: openAiError };

export function finishReason({ blocked_by_rule: rule }: InvokeResponse): 'stop' | 'content_filter' {
  return rule === undefined ? 'stop' : 'content_filter';
}
