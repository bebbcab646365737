import type { Condition } from '@sluice/kube';
import type { HTTPRoute, ParentReference, RouteParentStatus } from './http-routes.ts';

/**
 * What the Gateways say about a route as it is now. `Pending`: not all have answered for this generation of it. Only then it is unknown
 * which weights are in force.
 */
export interface Acceptance {
  readonly state: 'Verified' | 'Pending' | 'Refused';
  /** One sentence; set unless verified. */
  readonly message?: string;
}

/** A Gateway that nobody answers for after this time does not exist, or no controller runs it. Milliseconds. */
export const answerPatienceMs = 30_000;

/** A reference that is resolved as soon as the controller has seen the Service, which is made just before the route. */
const passing = 'BackendNotFound';

/** Reads `status.parents`: every parent that the spec names must accept the route and resolve its references. `now` in epoch milliseconds. */
export function acceptanceOf(route: HTTPRoute, now: number): Acceptance {
  const answers = (route.spec.parentRefs ?? []).map((parent) => answerOf(parent, route, now));
  return answers.find(({ state }) => state === 'Pending') ?? answers.find(({ state }) => state === 'Refused') ?? { state: 'Verified' };
}

function answerOf(parent: ParentReference, route: HTTPRoute, now: number): Acceptance {
  const title = titleOf(parent, route);
  const said = (route.status?.parents ?? []).filter((status) => sameParent(status.parentRef, parent, route));
  if (said.length === 0) return unanswered(title, route, now);
  const verdicts = said.map((status) => verdictOf(status, title, route));
  return verdicts.find(({ state }) => state === 'Verified') ?? verdicts.find(({ state }) => state === 'Refused') ?? verdicts[0] ?? { state: 'Verified' };
}

function unanswered(title: string, { metadata }: HTTPRoute, now: number): Acceptance {
  const age = now - Date.parse(metadata.creationTimestamp ?? '');
  if (!(age >= answerPatienceMs)) return { state: 'Pending', message: `Waiting for ${title} to answer for the HTTPRoute` };
  return { state: 'Refused', message: `Nobody answers for ${title}: make the Gateway, or correct spec.route.parentRefs, and see that the controller of its class runs` };
}

function verdictOf({ conditions = [] }: RouteParentStatus, title: string, { metadata }: HTTPRoute): Acceptance {
  const current = (type: string): Condition | undefined => conditions.find((condition) => condition.type === type && condition.observedGeneration === metadata.generation);
  const accepted = current('Accepted');
  const resolved = current('ResolvedRefs');
  if (accepted?.status === 'False') return refused(title, accepted);
  if (resolved?.status === 'False') return resolved.reason === passing ? waiting(title, resolved) : refused(title, resolved);
  const partly = current('PartiallyInvalid');
  if (partly?.status === 'True') return refused(title, partly);
  if (accepted?.status === 'True' && resolved?.status === 'True') return { state: 'Verified' };
  return { state: 'Pending', message: `Waiting for ${title} to accept the HTTPRoute as it is now` };
}

function refused(title: string, condition: Condition): Acceptance {
  return { state: 'Refused', message: `${title} does not take the HTTPRoute: ${reasonOf(condition)}` };
}

function waiting(title: string, condition: Condition): Acceptance {
  return { state: 'Pending', message: `${title} does not know a Service of the HTTPRoute yet: ${reasonOf(condition)}` };
}

function reasonOf({ reason, message }: Condition): string {
  const words = (message ?? '').trim().replace(/\s+/g, ' ').replace(/\.$/, '').slice(0, 512);
  return words === '' ? `${reason}` : `${words} (${reason})`;
}

function sameParent(left: ParentReference, right: ParentReference, route: HTTPRoute): boolean {
  return left.name === right.name && namespaceOf(left, route) === namespaceOf(right, route) && (left.sectionName ?? '') === (right.sectionName ?? '');
}

function namespaceOf({ namespace }: ParentReference, { metadata }: HTTPRoute): string {
  return namespace ?? metadata.namespace ?? '';
}

function titleOf(parent: ParentReference, route: HTTPRoute): string {
  const listener = parent.sectionName === undefined ? '' : `, listener ${parent.sectionName}`;
  return `Gateway ${namespaceOf(parent, route)}/${parent.name}${listener}`;
}
