import { bearerToken, type Dialect, type ErrorFacts } from '../dialect.ts';
import { event, messageBody, messageEvents } from './message.ts';
import { parseMessagesRequest } from './parse.ts';

/** Error types by HTTP status, from the provider's API reference. */
const ERROR_TYPE: Readonly<Record<number, string>> = {
  400: 'invalid_request_error',
  401: 'authentication_error',
  402: 'billing_error',
  403: 'permission_error',
  404: 'not_found_error',
  409: 'conflict_error',
  413: 'request_too_large',
  429: 'rate_limit_error',
  504: 'timeout_error',
  529: 'overloaded_error',
};

export const anthropic: Dialect = {
  path: '/v1/messages',
  requestIdHeader: 'request-id',
  idPrefix: { request: 'req_', message: 'msg_', call: 'toolu_' },
  apiKey: (headers) => (typeof headers['x-api-key'] === 'string' ? headers['x-api-key'] : bearerToken(headers)),
  parse: parseMessagesRequest,
  message: messageBody,
  events: messageEvents,
  error: errorBody,
  errorEvent: (facts) => event('error', errorBody(facts)),
};

function errorBody({ status, message, requestId }: ErrorFacts): object {
  const type = ERROR_TYPE[status] ?? (status >= 500 ? 'api_error' : 'invalid_request_error');
  return { type: 'error', error: { type, message }, request_id: requestId };
}
