import { policyNameOf } from '../../children/index.ts';
import type { AgentObservation } from '../observation.ts';
import type { RevisionTarget } from '../plan.ts';

type Bounds = readonly Pick<RevisionTarget, 'record'>[];

/**
 * NetworkPolicies that bound nothing any more: no pod, no Deployment but those that are removed, and no revision that shall have one. One
 * that is removed too early would leave pods that may connect to anything; one that stays too long is in nobody's way.
 */
export function unneededPolicies({ policies }: Pick<AgentObservation, 'policies'>, targets: Bounds, removed: readonly string[]): string[] {
  const wanted = namesOf(targets);
  return policies
    .filter(({ name, pods, revisions }) => !wanted.has(name) && pods === 0 && revisions.every((revision) => removed.includes(revision)))
    .map(({ name }) => name);
}

/** Whether the policy of a revision stays whatever becomes of its Deployment, because a revision that stays has the same rules. */
export function staysBounded(revision: string, { policies }: Pick<AgentObservation, 'policies'>, targets: Bounds): boolean {
  const wanted = namesOf(targets);
  return policies.some(({ name, revisions }) => wanted.has(name) && revisions.includes(revision));
}

function namesOf(targets: Bounds): ReadonlySet<string> {
  return new Set(targets.map(({ record }) => policyNameOf(record)));
}
