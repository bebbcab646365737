import type { HoldReason, ReleaseStatus, Transition } from '@sluice/crds';
import { describe, expect, it } from 'vitest';
import { move } from '../decision.ts';
import { stopClock } from '../stopped-clock.ts';
import { releaseIn, startedAt } from '../testing/observations.ts';
import { hasBeenHeldFor, heldFor } from './standing-hold.ts';

const minute = 60_000;
const at = (minutes: number): string => new Date(startedAt + minutes * minute).toISOString();

/** A release in step from the beginning on, that was held for these reasons from these minutes on; `GoesOn`: it went on. */
function after(...turns: readonly (readonly [number, HoldReason | 'GoesOn'])[]): ReleaseStatus {
  const transitions = turns.map(([from, reason]): Transition => ({ phase: reason === 'GoesOn' ? 'Shifting' : 'Held', at: at(from), reason, message: '' }));
  const [from = 0, reason = 'GoesOn'] = turns.at(-1) ?? [];
  const begun: Transition = { phase: 'Shifting', at: at(0), reason: 'StepStarted', message: '' };
  return { phase: reason === 'GoesOn' ? 'Shifting' : 'Held', transitions: [begun, ...transitions], ...(reason === 'GoesOn' ? {} : { stop: { phase: 'Shifting', since: at(from), reason } }) };
}

/** The status of a release that is held for this reason from this minute on, as the machine puts it down. */
function turned(status: ReleaseStatus, reason: HoldReason, minutes: number): ReleaseStatus {
  const now = startedAt + minutes * minute;
  return move({ now, release: releaseIn(status) }, { phase: 'Held', reason, message: '', changes: stopClock(status, { now, reason }) }).status;
}

describe('how long a hold has lasted for what holdLimit bounds', () => {
  it.each<readonly [string, ReleaseStatus, number]>([
    ['it is not held', after(), 0],
    ['one reason', after([10, 'ProviderOutage']), 50],
    ['one bounded reason turned to another', after([10, 'ProviderOutage'], [20, 'MetricsMissing']), 50],
    ['to a third', after([10, 'ProviderOutage'], [20, 'MetricsMissing'], [30, 'SpecUnreadable']), 50],
    ['there and back, again and again', after([10, 'ProviderOutage'], [20, 'MetricsMissing'], [30, 'ProviderOutage'], [40, 'MetricsMissing']), 50],
    ['a freeze came in between', after([10, 'ProviderOutage'], [20, 'Freeze'], [30, 'MetricsMissing']), 40],
    ['it was suspended in between', after([10, 'ProviderOutage'], [20, 'Suspended'], [50, 'MetricsMissing']), 20],
    ['a freeze stands now', after([10, 'ProviderOutage'], [20, 'Freeze']), 10],
    ['nothing but what has no limit', after([10, 'Suspended'], [20, 'Dependency']), 0],
    ['it went on meanwhile: that is another hold', after([10, 'ProviderOutage'], [20, 'GoesOn'], [40, 'ProviderOutage']), 20],
  ])('%s', (_title, status, minutes) => {
    expect(heldFor(status, startedAt + 60 * minute)).toBe(minutes * minute);
  });

  it.each<readonly [turns: number, reasons: readonly [HoldReason, ...HoldReason[]], minutes: number]>([
    [1, ['ProviderOutage'], 1],
    [64, ['ProviderOutage', 'MetricsMissing'], 64],
    [100, ['ProviderOutage', 'MetricsMissing'], 100],
    [100, ['MetricsMissing', 'Freeze'], 50],
    [100, ['SpecUnreadable', 'Suspended', 'Dependency', 'ProviderOutage'], 50],
    [1_000, ['ProviderOutage', 'MetricsMissing'], 1_000],
  ])('%i turns of a minute, of %j, whatever is still told of them', (turns, reasons, minutes) => {
    let status = after();
    for (let turn = 0; turn < turns; turn += 1) status = turned(status, reasons[turn % reasons.length] ?? reasons[0], turn);
    expect(status.transitions?.length).toBeLessThanOrEqual(64);
    expect(heldFor(status, startedAt + turns * minute)).toBe(minutes * minute);
  });

  it('begins anew after a pause, and when it went on in between', () => {
    let status = after();
    for (let turn = 0; turn < 100; turn += 1) status = turned(status, turn % 2 === 0 ? 'ProviderOutage' : 'MetricsMissing', turn);
    const now = startedAt + 100 * minute;
    const release = releaseIn(status);
    const paused = move({ now, release }, { phase: 'Paused', reason: 'Paused', message: '', changes: stopClock(status, { now }) }).status;
    const wentOn = move({ now, release }, { phase: 'Shifting', reason: 'GoesOn', message: '' }).status;
    expect(wentOn.stop).toBeUndefined();
    for (const next of [paused, wentOn]) expect(heldFor(turned(next, 'ProviderOutage', 100), startedAt + 101 * minute)).toBe(minute);
  });

  it('that an operator of before has put down goes on', () => {
    const status = turned(after([10, 'ProviderOutage'], [20, 'MetricsMissing']), 'ProviderOutage', 40);
    expect(status.stop).toMatchObject({ limitedMilliseconds: 30 * minute });
    expect(heldFor(status, startedAt + 60 * minute)).toBe(50 * minute);
  });
});

it.each<readonly [string, ReleaseStatus, boolean]>([
  ['stands for it', after([10, 'MetricsMissing']), true],
  ['has turned to something else', after([10, 'MetricsMissing'], [20, 'ProviderOutage'], [30, 'Freeze']), true],
  ['never was for it', after([10, 'ProviderOutage'], [20, 'Suspended']), false],
  ['is another than that which was', after([10, 'MetricsMissing'], [20, 'GoesOn'], [30, 'ProviderOutage']), false],
  ['is over', after([10, 'MetricsMissing'], [20, 'GoesOn']), false],
])('a hold that %s', (_title, status, found) => {
  expect(hasBeenHeldFor('MetricsMissing', status)).toBe(found);
});
