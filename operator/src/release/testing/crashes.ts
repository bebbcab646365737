import type { CrashCount } from '@sluice/crds';
import { countAtStepStart } from '../crash-count.ts';
import type { ReleaseObservation, WatchedPod } from '../observation.ts';
import { observed, startedAt } from './observations.ts';

/** How often the first pod of a revision has crashed. */
export interface Crashed {
  readonly canary: number;
  readonly stable?: number;
}

/** One pod of the new revision beside four of the stable one that run since a day before the release. */
export function crashed({ canary, stable = 0 }: Crashed): Required<Pick<ReleaseObservation, 'canary' | 'stable'>> {
  const pod = (uid: string, crashes: number, hours: number): WatchedPod => ({ uid, crashes, state: 'Up', startedAt: startedAt - hours * 3_600_000 });
  return {
    canary: { revision: 'new', replicas: 1, ready: 1, watched: [pod('c0', canary, 0)] },
    stable: { revision: 'old', replicas: 4, ready: 4, watched: [0, 1, 2, 3].map((index) => pod(`s${index}`, index === 0 ? stable : 0, 24)) },
  };
}

/** The count of a release whose first step began when its pods had crashed so often. */
export function countedFrom(before: Crashed): CrashCount {
  return countAtStepStart(observed({}, { ...crashed(before), now: startedAt }));
}
