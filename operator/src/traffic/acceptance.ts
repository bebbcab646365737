import type { Condition } from '@sluice/kube';
import { askedSince, type AskedSince, gatewayKey } from './gateways-asked.ts';
import type { HTTPRoute, ParentReference, RouteParentStatus } from './http-routes.ts';

/** What the Gateways say about a route. */
export interface Acceptance {
  /** Verified: every Gateway that the spec names takes the route as it is now. */
  readonly state: 'Verified' | 'Pending' | 'Refused';
  /** One sentence; set unless all is well. */
  readonly message?: string;
  /** The Gateway's own word for a refusal. */
  readonly reason?: string;
  /** `NotAll`: some have not answered for the route as it is now, so that it is unknown by which weights they divide. */
  readonly answers: 'All' | 'NotAll';
  /** `Missing`: a Gateway knows no ready pod of a revision that has traffic or copies. */
  readonly backends: 'Available' | 'Missing';
}

/** A Gateway that nobody answers for so long after it was asked does not exist, or no controller runs it. Milliseconds. */
export const answerPatienceMs = 30_000;

/** A reference that is resolved as soon as the controller has seen the Service, which is made just before the route. */
const passing = 'BackendNotFound';

const fine: Acceptance = { state: 'Verified', answers: 'All', backends: 'Available' };
const severity: readonly Acceptance['state'][] = ['Verified', 'Refused', 'Pending'];

/** Reads `status.parents`. `now` in epoch milliseconds. */
export function acceptanceOf(route: HTTPRoute, now: number): Acceptance {
  const since = askedSince(route);
  const answers = (route.spec.parentRefs ?? []).map((parent) => answerOf(parent, { route, since, now }));
  const worst = answers.toSorted((left, right) => rankOf(right) - rankOf(left))[0] ?? fine;
  return {
    ...worst,
    answers: answers.every(({ answers: each }) => each === 'All') ? 'All' : 'NotAll',
    backends: answers.every(({ backends }) => backends === 'Available') ? 'Available' : 'Missing',
  };
}

function rankOf({ state, backends }: Acceptance): number {
  return severity.indexOf(state) * 2 + (backends === 'Missing' ? 1 : 0);
}

interface Question {
  readonly route: HTTPRoute;
  readonly since: AskedSince;
  readonly now: number;
}

function answerOf(parent: ParentReference, question: Question): Acceptance {
  const { route } = question;
  const title = titleOf(parent, route);
  const said = (route.status?.parents ?? []).filter((status) => sameParent(status.parentRef, parent, route));
  if (said.length === 0) return unanswered(parent, title, question);
  // One that several controllers answer for is run by the one that accepts.
  return said.map((status) => verdictOf(status, title, route)).toSorted((left, right) => rankOf(left) - rankOf(right))[0] ?? fine;
}

/** Since when one is asked that is not noted becomes known with the next write of the route. */
function unanswered(parent: ParentReference, title: string, { route, since, now }: Question): Acceptance {
  const askedAt = since.get(gatewayKey(parent, route.metadata.namespace ?? '')) ?? now;
  if (now - askedAt < answerPatienceMs) return { ...fine, state: 'Pending', answers: 'NotAll', message: `Waiting for ${title} to answer for the HTTPRoute` };
  return { ...fine, state: 'Refused', message: `Nobody answers for ${title}: make the Gateway, or correct spec.route.parentRefs, and see that the controller of its class runs` };
}

function verdictOf({ conditions = [] }: RouteParentStatus, title: string, { metadata }: HTTPRoute): Acceptance {
  const current = (type: string): Condition | undefined => conditions.find((condition) => condition.type === type && condition.observedGeneration === metadata.generation);
  const [accepted, resolved, partly, available] = ['Accepted', 'ResolvedRefs', 'PartiallyInvalid', 'BackendsAvailable'].map(current);
  if (accepted?.status === 'False') return refused(title, accepted);
  if (resolved?.status === 'False') return resolved.reason === passing ? unresolved(title, resolved) : refused(title, resolved);
  if (partly?.status === 'True') return refused(title, partly);
  if (accepted?.status !== 'True' || resolved?.status !== 'True') return { ...fine, state: 'Pending', answers: 'NotAll', message: `Waiting for ${title} to accept the HTTPRoute as it is now` };
  return available?.status === 'False' ? { ...fine, backends: 'Missing', message: `${title} knows no ready pod yet: ${reasonOf(available)}` } : fine;
}

function refused(title: string, condition: Condition): Acceptance {
  const { reason } = condition;
  return { ...fine, state: 'Refused', ...(reason === undefined ? {} : { reason }), message: `${title} does not take the HTTPRoute: ${reasonOf(condition)}` };
}

function unresolved(title: string, condition: Condition): Acceptance {
  return { ...fine, state: 'Pending', message: `${title} does not know a Service of the HTTPRoute yet: ${reasonOf(condition)}` };
}

function reasonOf({ reason, message }: Condition): string {
  const words = (message ?? '').trim().replace(/\s+/g, ' ').replace(/\.$/, '').slice(0, 512);
  return words === '' ? `${reason}` : `${words} (${reason})`;
}

function sameParent(left: ParentReference, right: ParentReference, route: HTTPRoute): boolean {
  const [one, other] = [left, right].map((parent) => gatewayKey(parent, route.metadata.namespace ?? ''));
  return one === other;
}

function titleOf(parent: ParentReference, route: HTTPRoute): string {
  const listener = parent.sectionName === undefined ? '' : `, listener ${parent.sectionName}`;
  return `Gateway ${gatewayKey({ namespace: parent.namespace, name: parent.name }, route.metadata.namespace ?? '')}${listener}`;
}
