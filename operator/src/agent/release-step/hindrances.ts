import type { Evidence, Release } from '@sluice/crds';
import { judgeOutage } from '../../gates/index.ts';
import { metricsMissing } from '../../release/holds/metrics.ts';
import { dependencyCycle, dependencyOf, groupFailure } from '../../release/holds/neighbours.ts';
import type { Hindrance, Veto } from '../../release/observation.ts';
import { specUnreadable } from '../../release/holds/spec-unreadable.ts';
import type { AgentObservation } from '../observation.ts';

/** What keeps a release from going on now, the weightiest first. */
export function hindrancesOf({ agent, neighbours, elsewhere, freeze, metricsSource, now, evidence, desired }: AgentObservation, release: Release): readonly Hindrance[] {
  const found = [
    dependencyOf(agent, neighbours, elsewhere),
    freeze,
    outage(release, evidence, now),
    specUnreadable(desired, release),
    // A first release is judged by no objective.
    release.spec.stableRevision === undefined ? undefined : metricsSource,
    metricsMissing(release, evidence, now),
  ];
  return found.filter((hindrance) => hindrance !== undefined);
}

/** One that was seen lasts until it is over, so what is held depends on what was held. */
function outage({ status }: Release, evidence: Evidence | undefined, now: number): Hindrance | undefined {
  const standing = status?.stop?.reason === 'ProviderOutage' ? { kind: 'ProviderOutage' as const, message: status.message ?? '' } : undefined;
  const verdict = judgeOutage(evidence?.recent, now, standing);
  return verdict.kind === 'None' ? undefined : { reason: 'ProviderOutage', message: verdict.message };
}

/** What must end a release. */
export function vetoOf({ agent, neighbours }: AgentObservation, release: Release): Veto | undefined {
  return groupFailure(agent, release, neighbours) ?? dependencyCycle(agent, neighbours);
}
