import type { Release } from '@sluice/crds';
import { revisionSelector } from '../children/labels.ts';
import { controllerReference } from '../children/owner.ts';
import type { AgentObservation } from './observation.ts';
import { standingRejection } from './rejection.ts';
import { nextReleaseName } from './releases.ts';
import type { ReleaseLedger } from './releases.ts';

/**
 * The release that the spec asks for while none is on its way: for a revision that does not serve yet and has not failed before.
 * A revision that failed is tried again only when something else is asked of it (rejection.ts).
 */
export function beginRelease(observation: AgentObservation, ledger: ReleaseLedger): Release | undefined {
  const { agent, desired } = observation;
  if (desired.kind === 'Unresolved') return undefined;
  const { revision } = desired.record;
  if (revision === ledger.stableRevision || standingRejection(observation, ledger) !== undefined) return undefined;
  return {
    apiVersion: 'sluice.dev/v1alpha1',
    kind: 'Release',
    metadata: {
      name: nextReleaseName(agent.metadata.name, ledger),
      namespace: agent.metadata.namespace ?? '',
      labels: revisionSelector(agent.metadata.name, revision),
      ownerReferences: [controllerReference(agent)],
    },
    spec: {
      agentName: agent.metadata.name,
      revision,
      ...(ledger.stableRevision === undefined ? {} : { stableRevision: ledger.stableRevision }),
      ...(agent.spec.rollout === undefined ? {} : { rollout: agent.spec.rollout }),
    },
  };
}
