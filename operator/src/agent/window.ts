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
  const { phase, stepStartedAt, evidence } = release?.status ?? {};
  if (phase !== 'Shifting' || stepStartedAt === undefined || evidence === undefined) return undefined;
  return { windowId: `${release?.metadata.uid ?? ''}/${evidence.since}`, since: Date.parse(evidence.since), previous: evidence };
}
