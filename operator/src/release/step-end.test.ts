import type { ReleaseStatus, RolloutSpec } from '@sluice/crds';
import { describe, expect, it } from 'vitest';
import { gateAtStepStart } from './gate-look.ts';
import { stepEndOf } from './step-end.ts';
import { observed, releaseIn, startedAt, twoSteps } from './testing/observations.ts';

const second = 1_000;
const at = (seconds: number) => new Date(startedAt + seconds * second).toISOString();
const rollout: RolloutSpec = { ...twoSteps, maxDuration: '20m', steps: [{ weight: 20, duration: '20s' }, { weight: 50, duration: '2m' }] };

/** A step that began after so many seconds, under gates that began with the release. */
function endOf({ step = 0, begins = 0, requestTimeoutMs = 60_000, minDuration = '0s', change = {} }: { readonly step?: number; readonly begins?: number; readonly requestTimeoutMs?: number; readonly minDuration?: string; readonly change?: Partial<ReleaseStatus> }) {
  const plan = { ...rollout, gates: { ...rollout.gates, minDuration } };
  const { gate } = gateAtStepStart(observed({}, { release: releaseIn({ phase: 'Shifting', step: 0 }, plan), requestTimeoutMs, now: startedAt }));
  const end = stepEndOf(releaseIn({ phase: 'Shifting', step, stepStartedAt: at(begins), ...(gate === undefined ? {} : { gate }), ...change }, plan));
  return end === undefined ? undefined : [(end.at - startedAt) / second, end.waitsFor];
}

describe('the soonest end of a step', () => {
  it.each<[string, Parameters<typeof endOf>[0], readonly [number, string] | undefined]>([
    ['is its own time', { step: 1, begins: 100 }, [220, 'Duration']],
    ['is not before the requests from before it have ended and a block is counted', {}, [63, 'Settling']],
    ['is its own time where requests end soon', { requestTimeoutMs: 5_000 }, [20, 'Duration']],
    ['is not before minDuration in the last step', { step: 1, begins: 100, minDuration: '15m' }, [900, 'MinDuration']],
    ['knows nothing of minDuration before', { minDuration: '15m' }, [63, 'Settling']],
    ['is its own time where the record of the gates was damaged', { change: { gate: { policy: {}, measures: [], from: '', state: '', log: [] } } }, [20, 'Duration']],
    ['is its own time under objectives that were taken out', { change: { rollout: { ...rollout, gates: {} } } }, [20, 'Duration']],
    ['is not known before it has begun', { change: { stepStartedAt: 'never' } }, undefined],
  ])('%s', (_, release, expected) => {
    expect(endOf(release)).toEqual(expected);
  });
});
