import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { cardPath } from '../../agent-card/well-known.ts';
import type { Caller } from '../../approvals/caller.ts';
import type { RateDecision, RateLimiter } from '../../store/rate-limits/rate-limiter.ts';
import { Forbidden, QuotaExceeded, Unauthenticated } from '../request-problems.ts';
import { ConnectionsTaken } from '../problem.ts';
import type { Connections } from '../connections.ts';
import type { Access } from './access.ts';
import type { FailedLogins } from './failed-logins.ts';
import { quotaFor, type Quota } from './quota.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Who asks; null for routes that anybody may ask. */
    principal: Caller | null;
  }
}

const publicPaths: ReadonlySet<string> = new Set(['/healthz', '/readyz', '/metrics', '/docs', cardPath]);

/** What anybody may read: probes, metrics, what the agent says of itself. A route that is not listed wants credentials, whoever adds it. */
function isPublic(url: string): boolean {
  return publicPaths.has(url) || url.startsWith('/docs/');
}

/** For whom a request is answered. Throws Unauthenticated where nobody was told apart: nothing is open by mistake. */
export function principalOf({ principal }: FastifyRequest): Caller {
  if (principal === null) throw new Unauthenticated('This route needs credentials');
  return principal;
}

/** The fields of draft-ietf-httpapi-ratelimit-headers: seconds, rounded up so that nobody comes too early. */
function rateHeaders({ policy, rule }: Quota, decision: RateDecision): Readonly<Record<string, string>> {
  return {
    'ratelimit-policy': `"${policy}";q=${rule.burst};w=${Math.ceil(rule.windowMs / 1_000)}`,
    ratelimit: `"${policy}";r=${decision.remaining};t=${Math.ceil(decision.resetMs / 1_000)}`,
  };
}

async function takeQuota(method: string, reply: FastifyReply, { tenant }: Caller, { access, rateLimiter }: AccessOptions): Promise<void> {
  const quota = quotaFor(method, access.tenant(tenant).requests);
  if (quota === undefined) return;
  const decision = await rateLimiter.take(`${quota.key}:${tenant}`, quota.rule);
  reply.headers(rateHeaders(quota, decision));
  if (decision.outcome === 'limited') throw new QuotaExceeded(`The tenant may ${quota.verb} ${quota.rule.burst} times in ${quota.rule.windowMs / 1_000} s`, Math.max(1, Math.ceil(decision.retryAfterMs / 1_000)));
}

function tenantInBody(body: unknown): unknown {
  return typeof body === 'object' && body !== null && 'tenant_id' in body ? body.tenant_id : undefined;
}

export interface AccessOptions {
  readonly access: Access;
  readonly rateLimiter: RateLimiter;
  readonly connections: Pick<Connections, 'letIn'>;
  /** Not set: nobody is held back. */
  readonly failedLogins?: FailedLogins | undefined;
}

/** Throws what `authenticate` throws, and TooManyFailedLogins without asking it. */
async function authenticated({ headers, ip }: FastifyRequest, { access, failedLogins }: AccessOptions): Promise<Caller> {
  failedLogins?.check(ip, headers);
  try {
    const caller = await access.authenticate(headers);
    failedLogins?.passed(headers);
    return caller;
  } catch (error) {
    if (error instanceof Unauthenticated) failedLogins?.failed(ip, headers);
    throw error;
  }
}

/** Tells callers of all routes but the public ones apart before their bodies are read, and holds their tenants to their quotas. */
export function addAccess(app: FastifyInstance, options: AccessOptions): void {
  const { access, connections } = options;
  app.decorateRequest('principal', null);
  app.addHook('onRequest', async (request, reply) => {
    const { url } = request.routeOptions;
    if (url === undefined || isPublic(url) || request.method === 'OPTIONS') return;
    const principal = await authenticated(request, options);
    if (connections.letIn(request.raw.socket) === 'full') throw new ConnectionsTaken();
    Object.assign(request, { principal });
    await takeQuota(request.method, reply, principal, options);
  });
  app.addHook('preHandler', async (request) => {
    const claimed = tenantInBody(request.body);
    if (access.mode === 'open' || typeof claimed !== 'string' || claimed === request.principal?.tenant) return;
    throw new Forbidden('tenant_id is not the tenant of the credentials; leave it out', 'tenant_id');
  });
}
