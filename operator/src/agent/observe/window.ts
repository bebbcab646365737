import type { Release } from '@sluice/crds';
import { emptyEvidence } from '../../evidence/empty-evidence.ts';
import type { Evidence } from '../../evidence/index.ts';
import { planOf } from '../../release/plan.ts';

export interface EvidenceWindow {
  readonly windowId: string;
  /** Epoch milliseconds. */
  readonly since: number;
  readonly previous: Evidence;
}

/**
 * The window of a release, over all its steps; undefined while nothing is measured. While a revision is evaluated only the stable one
 * has requests: they tell an outage of the provider, and are not kept.
 */
export function windowOf(release: Release | undefined): EvidenceWindow | undefined {
  const { phase, stop } = release?.status ?? {};
  // What has traffic is watched also while the release stands or waits for a person.
  const current = stop?.phase ?? phase;
  if (release === undefined || current === undefined) return undefined;
  if (current === 'Evaluating') return evaluationWindow(release);
  if (current === 'AwaitingApproval') return stepWindow(release);
  return current === 'Shifting' ? (stepWindow(release) ?? forecastWindow(release)) : undefined;
}

function stepWindow({ metadata, status }: Release): EvidenceWindow | undefined {
  const { evidence } = status ?? {};
  if (evidence === undefined) return undefined;
  return { windowId: `${metadata.uid ?? ''}/${evidence.since}`, since: Date.parse(evidence.since), previous: evidence };
}

/** Before the first step the forecast of its objectives needs the traffic of the stable revision. */
function forecastWindow(release: Release): EvidenceWindow | undefined {
  const { objectives = [] } = planOf(release)?.gates ?? {};
  return objectives.length === 0 ? undefined : evaluationWindow(release);
}

function evaluationWindow({ metadata, spec, status }: Release): EvidenceWindow | undefined {
  const since = status?.startedAt;
  if (spec.stableRevision === undefined || since === undefined) return undefined;
  return { windowId: `${metadata.uid ?? ''}/evaluation`, since: Date.parse(since), previous: emptyEvidence(since) };
}
