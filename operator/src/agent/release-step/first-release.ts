import type { Release, ReleaseStatus, RolloutSpec } from '@sluice/crds';
import { epochMsOf } from '../../evidence/clock-time.ts';
import { advance } from '../../release/machine.ts';
import { toldStatus } from '../../release/told-status.ts';
import type { ReleaseObservation } from '../../release/observation.ts';
import type { AgentObservation } from '../observation.ts';

/** How long the beginning of an agent's first release waits to be written together with its end, milliseconds. */
export const tellBeginningAfterMs = 20_000;

export interface FirstRelease {
  /** With the status that it has begun with, which is not stored. */
  readonly release: Release;
  /** When that has to be stored, epoch milliseconds. */
  readonly tellAt: number;
}

/**
 * An agent's first release begins in one way only where nothing has to be proved and nobody has to agree: its pods are made, and take all the
 * traffic. All of that follows from the Release alone, so its beginning need not be stored for whoever goes on after a crash: he finds the
 * same. Undefined where that is not so, and where the status of the release is stored.
 */
export function unstoredBeginning({ releases, now }: Pick<AgentObservation, 'releases' | 'now'>): FirstRelease | undefined {
  const [release, ...others] = releases;
  if (release === undefined || others.length > 0 || release.status?.phase !== undefined) return undefined;
  return beginningOf(release, now);
}

/** What was seen, with the beginning of a first release as if it were stored. */
export function withBeginning(observation: AgentObservation): AgentObservation {
  const first = unstoredBeginning(observation);
  return first === undefined ? observation : { ...observation, releases: [first.release] };
}

/** Of a release that was just made, or is about to be. `now`: epoch milliseconds, where the API server has not said when it was made. */
export function beginningOf(release: Release, now: number): FirstRelease | undefined {
  const { spec, metadata } = release;
  if (spec.stableRevision !== undefined || spec.cause !== 'SpecChanged' || !isPlain(spec.rollout)) return undefined;
  const createdAt = epochMsOf(metadata.creationTimestamp) ?? now;
  const status = toldStatus(release, beginning(release, createdAt), createdAt);
  return status.phase === 'Promoting' ? { release: { ...release, status }, tellAt: createdAt + tellBeginningAfterMs } : undefined;
}

/** What would have to be asked first is not in the Release. */
function isPlain({ gates, approval, freezes = [], dependsOn = [], group }: Partial<RolloutSpec> = {}): boolean {
  return (gates?.evals ?? []).length === 0 && approval?.policy !== 'Required' && freezes.length === 0 && dependsOn.length === 0 && group === undefined;
}

/** As the rules of the phases have it, with no pod yet. */
function beginning(release: Release, now: number): ReleaseStatus {
  const { revision, rollout } = release.spec;
  const seen: ReleaseObservation = {
    now,
    release,
    role: 'Active',
    ...(rollout === undefined ? {} : { rollout }),
    provenness: 'Unproven',
    returnable: [],
    undone: [],
    capacity: 1, scaling: 'Fixed', maxReplicas: 1,
    traffic: { router: 'ReplicaRatio', actualWeight: 0, state: 'Pending' },
    canary: { revision, replicas: 0, ready: 0 },
    evaluations: [],
    hindrances: [],
  };
  return advance(seen).status;
}
