import type { Release } from '@sluice/crds';
import type { Evidence } from '../evidence/index.ts';

export interface EvidenceWindow {
  readonly windowId: string;
  /** Epoch milliseconds. */
  readonly since: number;
  readonly previous: Evidence;
}

/** The window of the step that is being judged; undefined while no step's clock runs. */
export function windowOf(release: Release | undefined): EvidenceWindow | undefined {
  const { phase, stop, stepStartedAt, evidence } = release?.status ?? {};
  // What has traffic is watched also while the release stands or waits for a person.
  const watched = (stop?.phase ?? phase) === 'Shifting' || phase === 'AwaitingApproval';
  if (!watched || stepStartedAt === undefined || evidence === undefined) return undefined;
  return { windowId: `${release?.metadata.uid ?? ''}/${evidence.since}`, since: Date.parse(evidence.since), previous: evidence };
}
