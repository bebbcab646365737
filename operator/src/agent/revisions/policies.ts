import { policyNameOf } from '../../children/index.ts';
import type { AgentObservation } from '../observation.ts';
import type { RevisionTarget } from '../plan.ts';

/**
 * How long a NetworkPolicy outlives the last Deployment and the last pod that needed it, milliseconds. ReplicaSets are not watched: one
 * that waits for the garbage collector may have a creation of a pod under way, in a queue of its controller's client. A process that
 * begins anew counts anew.
 */
export const graceMs = 60_000;

type Bounds = readonly Pick<RevisionTarget, 'record'>[];

/**
 * NetworkPolicies that bound nothing any more, and have not for a while: no pod, no Deployment, one that is removed in this look included,
 * and no revision that shall have one. One that is removed too early would leave pods that may connect to anything; one that stays too long
 * is in nobody's way. `lookAgainAfterMs`: when the next one is due.
 */
export function unneededPolicies({ policies }: Pick<AgentObservation, 'policies'>, targets: Bounds): { readonly due: readonly string[]; readonly lookAgainAfterMs?: number } {
  const unused = policies.filter(({ pods, revisions }) => pods === 0 && revisions.length === 0);
  // Nearly always, and the names of those that are wanted are digests.
  if (unused.length === 0) return { due: [] };
  const wanted = namesOf(targets);
  const unneeded = unused.filter(({ name }) => !wanted.has(name));
  const due = unneeded.filter(({ unusedMs }) => unusedMs >= graceMs);
  const waits = unneeded.filter((policy) => !due.includes(policy)).map(({ unusedMs }) => graceMs - unusedMs);
  return { due: due.map(({ name }) => name), ...(waits.length === 0 ? {} : { lookAgainAfterMs: Math.min(...waits) }) };
}

/** Whether the policy of a revision stays whatever becomes of its Deployment, because a revision that stays has the same rules. */
export function staysBounded(revision: string, { policies }: Pick<AgentObservation, 'policies'>, targets: Bounds): boolean {
  const its = policies.filter(({ revisions }) => revisions.includes(revision));
  if (its.length === 0) return false;
  const wanted = namesOf(targets);
  return its.some(({ name }) => wanted.has(name));
}

function namesOf(targets: Bounds): ReadonlySet<string> {
  return new Set(targets.map(({ record }) => policyNameOf(record)));
}
