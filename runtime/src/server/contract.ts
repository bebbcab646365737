import { z } from 'zod';

/** What a caller may use as a request id; other values of the header are replaced, as proxies send all sorts of things. */
export const requestIdPattern = /^[A-Za-z0-9._:/+=@-]{1,128}$/;

const label = z.string().min(1).max(256);

export const invokeRequest = z
  .strictObject({
    request_id: z.string().regex(requestIdPattern, 'may hold letters, digits and ._:/+=@- only, 128 at most').optional().describe('Comes back in the response, the headers and every log line. Made when absent.'),
    tenant_id: label.optional().describe('On whose behalf; logged.'),
    user_id: label.optional().describe('For whom; not logged.'),
    workflow: label.optional().describe('What the caller is doing; logged.'),
    session_id: z.string().regex(/^[A-Za-z0-9._:-]{1,128}$/, 'may hold letters, digits and ._:- only, 128 at most').optional().describe('A session of the caller: what was said in it is known to the agent, and the question and its answer are added to it.'),
    input: z.strictObject({ text: z.string().min(1).describe('What the agent is asked.') }),
  })
  .describe('A question for the agent.');

export const invokeResponse = z
  .object({
    request_id: z.string(),
    status: z.enum(['success', 'degraded', 'error']).describe('degraded: answered, but a tool call failed, the answer was cut at the output limit, or the session could not be kept. error: no answer came of it; `answer` says why.'),
    answer: z.string(),
    cut: z.literal(true).optional().describe('The answer ends where the output limit of the model was reached.'),
    evidence: z.array(z.object({ type: z.literal('tool'), tool: z.string(), ref: z.string() })).describe('The tool calls that went well.'),
    citations: z.array(z.object({ mark: z.string(), source: z.string(), document: z.string(), title: z.string().optional(), url: z.string().optional() })).optional().describe('The passages of documents that the answer cites by their marks.'),
    approval_required: z.literal(true).optional().describe('A write was not made: a person must approve it first.'),
    approval_request_id: z.string().optional().describe('Names the first of the writes that wait.'),
    proposed_changes: z.array(z.object({ approval_request_id: z.string(), tool: z.string(), diff: z.array(z.object({ path: z.string().describe('JSON pointer.'), from: z.unknown().optional(), to: z.unknown() })) })).optional().describe('What the writes that wait would change.'),
    policy_version: z.string().describe('<agent>@<revision>'),
    blocked_by_rule: z.string().optional().describe('The rule that kept the request from its answer; status is error then.'),
  })
  .describe('The answer of the agent.');

export const problem = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    request_id: z.string(),
    field: z.string().optional().describe('The member of the request that is at fault.'),
  })
  .describe('An error (RFC 9457).');

export type InvokeRequest = z.infer<typeof invokeRequest>;
export type InvokeResponse = z.infer<typeof invokeResponse>;

const problemDescriptions = {
  400: 'The body is not JSON.',
  401: 'No credentials, or none that are known.',
  403: 'The caller may not do this.',
  404: 'There is no such thing of this caller.',
  405: 'The path has no such method; allow says which it has.',
  409: 'A request with this Idempotency-Key is being answered, or another question of the session came in between.',
  410: 'The stream that Last-Event-ID continues is not there any more.',
  413: 'The body is too large.',
  415: 'The body is not application/json.',
  422: 'A member of the body is not valid; `field` names it.',
  429: 'The quota of the tenant is used up for now, or its part of the queue, or the budget of the tenant or the agent for today, or too many unknown credentials came from this address; retry-after says when to come back.',
  500: 'An error inside the agent server.',
  502: 'The model provider does not accept the request or the key, or its reply cannot be read.',
  503: 'No place in the queue, shutting down, or the model provider or the store is not available; retry-after says when to come back.',
  504: 'The request, or the model provider, took longer than its limit.',
} as const;

type ProblemStatus = keyof typeof problemDescriptions;

/** The error responses of a route whose problems are of this shape. */
export function problemsAs<S extends z.ZodType>(schema: S) {
  type Responses = { readonly [status in ProblemStatus]: { readonly description: string; readonly content: { readonly 'application/problem+json': { readonly schema: S } } } };
  return Object.fromEntries(Object.entries(problemDescriptions).map(([status, description]) => [status, { description, content: { 'application/problem+json': { schema } } }])) as Responses;
}

/** The error responses that every route of the agent has. */
export const problemResponses = problemsAs(problem);

export const eventStreamDescription =
  'Server-sent events: start {request_id, policy_version}; delta {turn, text}; tool_call {tool, ref}; tool_result {tool, ref, ok}; then done with the response, or error with a problem. Comments keep the connection alive.';

/** One event of a stream, as readers of server-sent events see it. */
export const serverSentEvent = z.object({ id: z.string().optional(), event: z.string().optional(), data: z.string().describe('JSON, but for the [DONE] that ends the chunks of a chat.') }).describe('Each event of the stream.');

/** What `readIdempotencyKey` takes; it tells what is wrong better than a pattern does. */
const keyPattern = String.raw`^("([ !#-\[\]-~]|\\["\\]){1,253}"|[!#-~][!-~]{0,254})$`;

export const idempotencyHeaders = z.object({
  'idempotency-key': z.string().min(1).max(300).meta({ pattern: keyPattern, maxLength: 255 }).optional().describe('Names the request over its tries: one with the same key and body gets the stored answer for 24 hours (`idempotency-replayed: true`), 409 while the first is being answered, and 422 with another body. An error is not stored.'),
});

export const streamHeaders = idempotencyHeaders.extend({ 'last-event-id': z.string().max(32).meta({ pattern: '^[0-9]{0,9}$' }).optional().describe('The last event of this stream that the caller has; with the Idempotency-Key of the request.') });
