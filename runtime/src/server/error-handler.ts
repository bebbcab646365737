import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { hasZodFastifySchemaValidationErrors } from 'fastify-type-provider-zod';
import type { LoginRefusalReason } from './access/login-refusal.ts';
import { loginRefusalOf } from './request-problems.ts';
import { StoreError } from '../store/store-error.ts';
import { noSuchRoute } from './open-ai-paths.ts';
import { AgentFailed, HttpProblem, InvalidInput, isCounted, problemBody, problemOf, type ProblemFacts } from './problem.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Further members of the problems of a route, for clients that look for them. */
    readonly problemMembers?: (facts: ProblemFacts) => object;
  }
}

type ValidationIssues = NonNullable<FastifyError['validation']>;

/** Names of members may be the caller's own, and stand in a log line, too. */
const longestField = 128;

function fieldOf(issue: ValidationIssues[number]): string {
  const path = issue.instancePath.split('/').filter((part) => part !== '');
  const keys = issue.params['keys'];
  const unknown = issue.keyword === 'unrecognized_keys' && Array.isArray(keys) ? [String(keys[0])] : [];
  return [...path, ...unknown].join('.').slice(0, longestField) || 'body';
}

function wordsOf(issue: ValidationIssues[number], field: string): string {
  if (issue.keyword === 'unrecognized_keys') return `${field} is not a member of the request; remove it or correct its spelling`;
  if (issue.keyword === 'invalid_type') return `${field} must be there as ${String(issue.params['expected'])}`;
  return `${field} is not valid: ${issue.message ?? 'see /docs'}`;
}

/** Names the first member at fault; a caller repairs one at a time. Values are not repeated: they may be private. */
function invalidInput(issues: ValidationIssues): HttpProblem | undefined {
  const [first] = issues;
  if (first === undefined) return undefined;
  const field = fieldOf(first);
  return new InvalidInput(field, wordsOf(first, field));
}

const clientErrors: Readonly<Record<number, { readonly slug: string; readonly title: string }>> = {
  400: { slug: 'invalid-input', title: 'The request is not valid' },
  413: { slug: 'too-large', title: 'The request is too large' },
  415: { slug: 'unsupported-media-type', title: 'The media type is not supported' },
};

function detailOf(error: FastifyError): string {
  switch (error.code) {
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
      return 'Send the body as content-type application/json';
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return 'The body is larger than the agent takes (limits.maxInputCharacters)';
    default:
      return 'The body is not valid JSON, or not sent whole';
  }
}

/** Errors that fastify makes before a handler runs. */
function fastifyProblem(error: FastifyError): HttpProblem | undefined {
  if (hasZodFastifySchemaValidationErrors(error)) return invalidInput(error.validation);
  const status = error.statusCode ?? 500;
  const known = clientErrors[status];
  if (known === undefined || !error.code?.startsWith('FST_ERR_')) return undefined;
  return new HttpProblem({ ...known, status, detail: detailOf(error), ...(status === 400 ? { field: 'body' } : {}), outcome: 'rejected' }, { cause: error });
}

/** The fields of rate limits are lists: one item for each limit that there is. */
function joined(name: string, before: unknown, value: string): string {
  return name.startsWith('ratelimit') && typeof before === 'string' ? `${before}, ${value}` : value;
}

/** Sends a problem as application/problem+json. `members`: further ones; those of the route if not given. */
export function sendProblem(request: FastifyRequest, reply: FastifyReply, facts: ProblemFacts, members: object | undefined = request.routeOptions.config.problemMembers?.(facts)): FastifyReply {
  if (facts.retryAfterSeconds !== undefined) reply.header('retry-after', String(facts.retryAfterSeconds));
  for (const [name, value] of Object.entries(facts.headers ?? {})) reply.header(name, joined(name, reply.getHeader(name), value));
  return reply.code(facts.status).type('application/problem+json').serializer(JSON.stringify).send({ ...problemBody(facts, request.requestId), ...members });
}

export interface ErrorHandlerOptions {
  /** Told of requests that were turned away for a fault of the caller before the agent saw them. */
  readonly onRejected: () => void;
  /** Told why somebody was not let in. */
  readonly onLoginRefused: (reason: LoginRefusalReason) => void;
}

export function addErrorHandlers(app: FastifyInstance, options: ErrorHandlerOptions): void {
  app.setErrorHandler((error: FastifyError, request, reply) => {
    const known = fastifyProblem(error) ?? error;
    const facts = problemOf(known);
    const refusal = loginRefusalOf(known);
    if (refusal !== undefined) options.onLoginRefused(refusal.reason);
    if (facts.outcome === 'rejected') {
      if (!isCounted(known)) options.onRejected();
      request.log.info({ status: facts.status, field: facts.field, ...refusal }, 'request rejected');
    }
    if (error instanceof StoreError) request.log.warn({ err: error, failure: error.failure }, 'the store did not do what a request needs');
    if (facts.slug === 'issuer-unavailable') request.log.warn({ err: error.cause ?? error, ...refusal }, 'a token could not be checked');
    // What the agent fails at is logged where it is counted; this is for the rest of the server.
    if (facts.status === 500 && !(error instanceof AgentFailed)) request.log.error({ err: error, status: 500 }, 'request failed');
    return sendProblem(request, reply, facts);
  });
  app.setNotFoundHandler((request, reply) => {
    const { facts, members } = noSuchRoute(request.method, request.url, app.hasRoute({ method: 'POST', url: '/v1/chat/completions' }) ? 'has-chat' : 'no-chat');
    return sendProblem(request, reply, facts, members);
  });
}
