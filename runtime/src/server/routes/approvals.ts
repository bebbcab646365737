import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { approvedCall } from '../../approvals/approved-call.ts';
import type { ToolResult } from '../../tools/tool-result.ts';
import type { Approval } from '../../store/approvals/approval-store.ts';
import type { NewAuditRecord } from '../../store/audit/audit-store.ts';
import { isSameOwner, ownerOf } from '../../store/owner.ts';
import { isoTime } from '../../store/sql/timestamp.ts';
import { principalOf } from '../access/add-access.ts';
import { problemResponses } from '../contract.ts';
import { appliedWrite, approval, decision, idParameters, pageOf, pageQuery, type ApprovalBody } from '../keeping-contract.ts';
import { Conflict, Forbidden, NotFound } from '../request-problems.ts';
import type { RouteContext } from './route-context.ts';

/** Who has it may decide on writes of the tenant, but for one's own. */
export const approverRole = 'approver';

const tags = ['approvals'];

function toBody(item: Approval): ApprovalBody {
  const { id, state, tool, rule, requestId, owner, diff, createdAt, expiresAt, decidedBy, decidedAt, reason } = item;
  return {
    id,
    state,
    tool,
    rule,
    request_id: requestId,
    requested_by: owner.subject,
    proposed: diff,
    created_at: isoTime(createdAt),
    expires_at: isoTime(expiresAt),
    ...(decidedBy === undefined ? {} : { decided_by: decidedBy }),
    ...(decidedAt === undefined ? {} : { decided_at: isoTime(decidedAt) }),
    ...(reason === undefined ? {} : { reason }),
  };
}

/** Approvers see what waits in their tenant, others what they asked for themselves: arguments of writes may be private. */
function maySee(request: FastifyRequest, { owner }: Approval): boolean {
  const principal = principalOf(request);
  return isSameOwner(owner, principal) || principal.roles.includes(approverRole);
}

function readRoutes(app: FastifyInstance, { state: { approvals } }: RouteContext): void {
  const routes = app.withTypeProvider<ZodTypeProvider>();
  const query = z.object({ ...pageQuery.shape, state: approval.shape.state.optional() });
  routes.get('/v1/approvals', { schema: { summary: 'Writes that wait for a person or did, the newest first', description: 'Those of the tenant for approvers, and the own ones for others. A page may hold fewer than `limit` and still have a next one.', tags, querystring: query, response: { 200: pageOf(approval), ...problemResponses } } }, async (request, reply) => {
    const { items, ...rest } = await approvals.list(principalOf(request).tenant, request.query);
    return await reply.send({ items: items.filter((item) => maySee(request, item)).map(toBody), ...rest });
  });
  routes.get('/v1/approvals/:id', { schema: { summary: 'A write that waits for a person or did', tags, params: idParameters, response: { 200: approval, ...problemResponses } } }, async (request, reply) => {
    const found = await approvals.get(request.params.id, principalOf(request).tenant);
    if (found === undefined || !maySee(request, found)) throw new NotFound('There is no approval of this id that you may see');
    return await reply.send(toBody(found));
  });
}

async function decide({ state: { approvals, audit }, policyVersion }: RouteContext, request: FastifyRequest, id: string, { decision: decided, reason }: z.infer<typeof decision>): Promise<Approval> {
  const principal = principalOf(request);
  const { tenant, subject, roles } = principal;
  const record = { owner: ownerOf(principal), requestId: request.requestId, traceId: request.traceId, policyVersion, action: 'approval.decide', target: id };
  const deny = async (error: Error): Promise<never> => {
    await audit.append({ ...record, outcome: 'denied', details: { decision: decided, reason: error.message } });
    throw error;
  };
  if (!roles.includes(approverRole)) return await deny(new Forbidden(`Only callers with the role "${approverRole}" decide`));
  const done = ({ tool, digest }: Approval): NewAuditRecord => ({ ...record, outcome: 'done', details: { decision: decided, tool, digest } });
  const result = await approvals.decide(id, tenant, { decision: decided, by: subject, reason }, done);
  if (result.outcome === 'own') return await deny(new Forbidden('Whoever asked for a write may not decide on it'));
  if (result.outcome === 'unknown') throw new NotFound('There is no approval of this id');
  if (result.outcome !== 'decided') throw new Conflict('already-decided', 'It was decided before, or its time is over; GET it to see how');
  return result.approval;
}

function outcomeOf(result: ToolResult): Pick<z.infer<typeof appliedWrite>, 'outcome' | 'reason'> {
  if (result.kind === 'ok') return { outcome: 'made' };
  const isDoubtful = result.kind === 'failed' && (result.failure === 'timeout' || result.made === 'unknown');
  return { outcome: isDoubtful ? 'unknown' : 'failed', reason: result.reason };
}

/** Makes the write under the request and the number that it had, with the roles that its owner has now: once, however often it is asked for. */
async function apply({ state: { approvals }, callTool, active }: RouteContext, request: FastifyRequest, id: string): Promise<z.infer<typeof appliedWrite>> {
  const principal = principalOf(request);
  const { tenant } = principal;
  const found = await approvals.get(id, tenant);
  if (found === undefined || !isSameOwner(found.owner, principal)) throw new NotFound('There is no approval of this id that is yours');
  if (found.state !== 'approved' && found.state !== 'used') throw new Conflict('not-approved', `The approval is ${found.state}; only a write that was approved is made`);
  // A caller that leaves must not leave a write of which nobody knows the end.
  const controller = new AbortController();
  const leave = active.add(controller);
  try {
    const result = await callTool({ ...approvedCall(found, principal), traceId: request.traceId }, controller.signal);
    return { approval: toBody((await approvals.get(id, tenant)) ?? found), ...outcomeOf(result) };
  } finally {
    leave();
  }
}

/** Writes that a person must approve, the decision on them, and making them. */
export function approvalRoutes(app: FastifyInstance, context: RouteContext): void {
  readRoutes(app, context);
  const schema = { summary: 'Approve or reject a write', description: 'An approved write is made when its owner posts to `apply`, or asks the agent for the same again.', tags, params: idParameters, body: decision, response: { 200: approval, ...problemResponses } };
  app.withTypeProvider<ZodTypeProvider>().post('/v1/approvals/:id/decision', { schema }, async (request, reply) => await reply.send(toBody(await decide(context, request, request.params.id, request.body))));
  const applySchema = { summary: 'Make a write that was approved', description: 'For whoever asked for it. It is made once: a second time gives what came of the first.', tags, params: idParameters, body: z.strictObject({}).nullish(), response: { 200: appliedWrite, ...problemResponses } };
  app.withTypeProvider<ZodTypeProvider>().post('/v1/approvals/:id/apply', { schema: applySchema }, async (request, reply) => await reply.send(await apply(context, request, request.params.id)));
}
