import type { AgentObservation } from '../observation.ts';
import type { AgentPlan } from '../plan.ts';
import { expireReleases } from './releases.ts';
import type { ReleaseLedger } from './releases.ts';

const defaultHistoryLimit = 10;

/** Bounds the history. A stored revision stays as long as it serves, has pods, is wanted, or a kept release could bring it back. */
export function expireHistory(observation: AgentObservation, ledger: ReleaseLedger): Pick<AgentPlan, 'expiredReleases' | 'expiredRecords'> {
  const { agent, desired, records, revisions, standing, pinned } = observation;
  const wanted = desired.kind === 'Rendered' ? desired.record.revision : undefined;
  const { expired, remembered } = expireReleases(ledger, { historyLimit: agent.spec.rollout?.historyLimit ?? defaultHistoryLimit, records });
  const kept = ledger.all.filter((release) => !expired.includes(release) && !remembered.includes(release));
  const needed = new Set([wanted, ledger.stableRevision, ...kept.flatMap(({ spec, status }) => [spec.revision, status?.undoTo]), ...revisions.keys(), ...standing.keys()]);
  const stored = new Set([...records.keys(), ...(pinned?.revisions ?? [])]);
  // As long as nobody knows what the spec asks for, it may be any of them.
  return { expiredReleases: expired, expiredRecords: wanted === undefined ? [] : [...stored].filter((revision) => !needed.has(revision)) };
}
