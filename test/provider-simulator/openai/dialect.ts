import { bearerToken, type Dialect, type ErrorFacts } from '../dialect.ts';
import { chatCompletion, chatCompletionEvents, data } from './completion-body.ts';
import { parseChatRequest } from './parse.ts';

/** [type, code] by HTTP status, from the provider's API reference. */
const ERROR_KIND: Readonly<Record<number, readonly [string, string | null]>> = {
  401: ['invalid_request_error', 'invalid_api_key'],
  404: ['invalid_request_error', 'model_not_found'],
  429: ['requests', 'rate_limit_exceeded'],
};

export const openai: Dialect = {
  path: '/v1/chat/completions',
  requestIdHeader: 'x-request-id',
  idPrefix: { request: 'req_', message: 'chatcmpl-', call: 'call_' },
  apiKey: bearerToken,
  parse: parseChatRequest,
  message: chatCompletion,
  events: chatCompletionEvents,
  error: errorBody,
  errorEvent: (facts) => data(errorBody(facts)),
};

function errorBody({ status, message, param }: ErrorFacts): object {
  const [type, code] = ERROR_KIND[status] ?? [status >= 500 ? 'server_error' : 'invalid_request_error', null];
  return { error: { message, type, param, code } };
}
