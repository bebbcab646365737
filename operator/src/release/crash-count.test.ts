import type { CrashCount, ReleaseStatus } from '@sluice/crds';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { countAtStepStart, countCrashes } from './crash-count.ts';
import type { ReleaseObservation, WatchedPod } from './observation.ts';
import { observed, startedAt } from './testing/observations.ts';

const at = (seconds: number): string => new Date(startedAt + seconds * 1_000).toISOString();
const pod = (uid: string, crashes: number, state: WatchedPod['state'] = 'Up', startedSeconds = -3_600): WatchedPod => ({ uid, crashes, state, startedAt: startedAt + startedSeconds * 1_000 });

interface Look {
  readonly seconds: number;
  readonly canary?: readonly WatchedPod[];
  readonly stable?: readonly WatchedPod[];
}

function look(crashes: CrashCount | undefined, { seconds, canary = [], stable = [pod('s0', 0)] }: Look): ReleaseObservation {
  const status: ReleaseStatus = { phase: 'Shifting', step: 0, stepStartedAt: at(0), ...(crashes === undefined ? {} : { crashes }) };
  const scale = (revision: string, watched: readonly WatchedPod[]) => ({ revision, replicas: watched.length, ready: watched.length, watched });
  return observed(status, { now: startedAt + seconds * 1_000, canary: scale('new', canary), stable: scale('old', stable) });
}

/** The count after a step began with the first look and the others followed, each stored. */
function after(first: Look, ...looks: readonly Look[]): CrashCount {
  return looks.reduce<CrashCount>((count, next) => countCrashes(look(count, next)) ?? count, countAtStepStart(look(undefined, first)));
}

describe('the count of crashes', () => {
  it('begins with the first step: what was before is kept of the stable revision, and counts of neither', () => {
    expect(after({ seconds: 0, canary: [pod('c0', 4)], stable: [pod('s0', 2), pod('s1', 0), pod('s2', 9, 'Leaving')] })).toEqual({
      since: at(0), until: at(0), before: { crashes: 2, podMilliseconds: 7_200_000 }, expected: 0, alone: 0,
      stable: { crashes: 0, ofLeaving: 0, podMilliseconds: 0, pods: [{ uid: 's0', crashes: 2 }, { uid: 's2', crashes: 9 }] },
      canary: { crashes: 0, ofLeaving: 0, podMilliseconds: 0, pods: [{ uid: 'c0', crashes: 4 }] },
    });
  });

  it('adds what pods crash, the time they ran, and the share that was to be expected', () => {
    const stable = [pod('s0', 0), pod('s1', 0), pod('s2', 0)];
    const count = after({ seconds: 0, canary: [pod('c0', 1)], stable }, { seconds: 10, canary: [pod('c0', 3)], stable: [pod('s0', 1), ...stable.slice(1)] });
    expect(count).toMatchObject({ until: at(10), expected: 0.75, alone: 0, canary: { crashes: 2, podMilliseconds: 10_000 }, stable: { crashes: 1, podMilliseconds: 30_000 } });
  });

  it('keeps what a pod took with it, and begins at 0 with the one in its place', () => {
    const count = after({ seconds: 0, canary: [pod('c0', 0)] }, { seconds: 10, canary: [pod('c0', 2)] }, { seconds: 20 }, { seconds: 30, canary: [pod('c1', 1, 'CrashLoop', 15)] }, { seconds: 40, canary: [pod('c2', 2, 'CrashLoop', 35)] });
    expect(count.canary).toMatchObject({ crashes: 5, pods: [{ uid: 'c0', crashes: 2 }, { uid: 'c1', crashes: 1 }, { uid: 'c2', crashes: 2 }] });
  });

  it('says which crashes would be gone with their pods if they were not stored', () => {
    const seen = after({ seconds: 0, canary: [pod('c0', 0)] }, { seconds: 10, canary: [pod('c0', 2)] }, { seconds: 20, canary: [pod('c0', 2, 'Leaving')] });
    expect(seen.canary).toMatchObject({ crashes: 2, ofLeaving: 0 });
    expect(after({ seconds: 0, canary: [pod('c0', 0)] }, { seconds: 20, canary: [pod('c0', 2, 'Leaving')] }).canary).toMatchObject({ crashes: 2, ofLeaving: 2 });
  });

  it('does not count a pod again that was out of sight', () => {
    expect(after({ seconds: 0, canary: [pod('c0', 5)] }, { seconds: 10 }, { seconds: 20, canary: [pod('c0', 5)] }).canary.crashes).toBe(0);
  });

  it('counts nothing twice at the same moment', () => {
    const first = look(after({ seconds: 0 }), { seconds: 10, canary: [pod('c0', 2)] });
    const once = countCrashes(first);
    expect(countCrashes({ ...first, release: { ...first.release, status: { ...first.release.status, crashes: once! } } })).toEqual(once);
  });

  it('goes on over steps, and forgives what a pod crashed that came up for the next one', () => {
    const first = after({ seconds: 0, canary: [pod('c0', 0)] }, { seconds: 60, canary: [pod('c0', 1)] });
    const next = look(first, { seconds: 90, canary: [pod('c0', 2), pod('c1', 4, 'Up', 70), pod('c2', 1, 'Up', 30)] });
    const begun = countAtStepStart(next);
    expect(begun).toMatchObject({ since: at(0), canary: { crashes: 3 } });
    expect(countCrashes(look(begun, { seconds: 100, canary: [pod('c0', 2), pod('c1', 5, 'Up', 70), pod('c2', 1, 'Up', 30)] }))?.canary.crashes).toBe(4);
  });

  it('is begun in mid-step where an operator did not count yet, and not before the first step', () => {
    expect(countCrashes(look(undefined, { seconds: 10, canary: [pod('c0', 2)] }))).toMatchObject({ since: at(10), canary: { crashes: 0 } });
    expect(countCrashes(observed({ phase: 'Shifting', step: 0 }))).toBeUndefined();
  });

  it.each([
    { name: 'no pod of the stable revision is there', stable: [], alone: 2, expected: 0 },
    { name: 'those of the stable revision do not start', stable: [pod('s0', 0, 'Down')], alone: 2, expected: 0 },
    { name: 'those of the stable revision crash, too', stable: [pod('s0', 3, 'CrashLoop')], alone: 0, expected: 5 },
    { name: 'those of the stable revision have crashed before and wait', stable: [pod('s1', 1, 'CrashLoop')], alone: 0, expected: 2 },
    { name: 'half of them run', stable: [pod('s0', 0), pod('s2', 0, 'Down')], alone: 0, expected: 1 },
  ])('where $name', ({ stable, alone, expected }) => {
    const count = after({ seconds: 0, canary: [pod('c0', 0)], stable: [pod('s0', 0), pod('s1', 1)] }, { seconds: 10, canary: [pod('c0', 2)], stable });
    expect(count).toMatchObject({ alone, expected });
  });
});

/** What happens to one of the pods between two looks. */
const event = fc.record({ pod: fc.nat(9), what: fc.constantFrom('crashes', 'crashes', 'goes') });

describe('whatever happens to pods', () => {
  it('every crash that was seen counts once, and no more pods are remembered than there is room for', () => {
    fc.assert(fc.property(fc.array(fc.array(event, { maxLength: 8 }), { maxLength: 60 }), (looks) => {
      const pods = new Map<number, { uid: string; crashes: number }>(Array.from({ length: 10 }, (_, index) => [index, { uid: `c${index}`, crashes: index % 3 }]));
      const watched = (): WatchedPod[] => [...pods.values()].map(({ uid, crashes }) => pod(uid, crashes));
      let count = countAtStepStart(look(undefined, { seconds: 0, canary: watched() }));
      let [truth, made] = [0, 10];
      looks.forEach((events, index) => {
        const present = new Map(pods);
        for (const { pod: which, what } of events) {
          const current = pods.get(which)!;
          if (what === 'goes') pods.set(which, { uid: `c${made++}`, crashes: 0 });
          else if (present.get(which) === current) { pods.set(which, { ...current, crashes: current.crashes + 1 }); present.set(which, pods.get(which)!); }
        }
        const before = new Map(count.canary.pods.map(({ uid, crashes }) => [uid, crashes]));
        truth += [...pods.values()].reduce((sum, { uid, crashes }) => sum + Math.max(0, crashes - (before.get(uid) ?? 0)), 0);
        count = countCrashes(look(count, { seconds: index + 1, canary: watched() }))!;
        expect(count.canary.crashes).toBe(truth);
        expect(count.canary.pods.length).toBeLessThanOrEqual(33);
        expect(new Set(count.canary.pods.map(({ uid }) => uid)).size).toBe(count.canary.pods.length);
      });
    }));
  });

  it('a hundred pods that crash once each are a hundred crashes, however often one looks', () => {
    const crashed = Array.from({ length: 100 }, (_, index) => pod(`c${index}`, 1));
    const again = crashed.map((each, index) => (index === 99 ? { ...each, crashes: 3 } : each));
    const count = after({ seconds: 0, canary: crashed.map((each) => ({ ...each, crashes: 0 })) }, { seconds: 10, canary: crashed }, { seconds: 20, canary: crashed }, { seconds: 30, canary: crashed.slice(10) }, { seconds: 40, canary: crashed.slice(10) });
    expect(count.canary).toMatchObject({ crashes: 100 });
    expect(count.canary.pods).toHaveLength(33);
    expect(countCrashes(look(count, { seconds: 50, canary: again.slice(10) }))?.canary.crashes).toBe(102);
  });
});
