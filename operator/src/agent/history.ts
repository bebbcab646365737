import type { AgentObservation } from './observation.ts';
import type { AgentPlan } from './plan.ts';
import { expiredReleases } from './releases.ts';
import type { ReleaseLedger } from './releases.ts';

const defaultHistoryLimit = 10;

/** Bounds the history. A stored revision stays as long as it serves, has pods, is wanted, or a kept release could bring it back. */
export function expireHistory({ agent, desired, records, revisions }: AgentObservation, ledger: ReleaseLedger): Pick<AgentPlan, 'expiredReleases' | 'expiredRecords'> {
  const expired = expiredReleases(ledger, { historyLimit: agent.spec.rollout?.historyLimit ?? defaultHistoryLimit, wanted: desired.kind === 'Rendered' ? desired.record.revision : undefined });
  const needed = new Set([...ledger.all.filter((release) => !expired.includes(release)).map((release) => release.spec.revision), ...revisions.keys()]);
  if (desired.kind === 'Rendered') needed.add(desired.record.revision);
  if (ledger.stableRevision !== undefined) needed.add(ledger.stableRevision);
  return { expiredReleases: expired, expiredRecords: desired.kind === 'Rendered' ? [...records.keys()].filter((revision) => !needed.has(revision)) : [] };
}
