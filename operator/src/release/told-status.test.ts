import { type ReleaseStatus, releasePhase, releaseStatus } from '@sluice/crds';
import { describe, expect, it } from 'vitest';
import { faultsOf, type KStatus, kstatusOf } from '../conditions/testing/kstatus.ts';
import { releaseIn, startedAt } from './testing/observations.ts';
import { toldStatus } from './told-status.ts';
import { isWorthStoring } from './worth-storing.ts';

const now = startedAt + 1_000;
const at = new Date(startedAt).toISOString();
const release = (status: ReleaseStatus) => {
  const made = releaseIn(status);
  return { ...made, metadata: { ...made.metadata, generation: 2 } };
};
const told = (status: ReleaseStatus, before: ReleaseStatus = {}): ReleaseStatus => toldStatus(release(before), status, now);

describe('the conditions of a release', () => {
  const table: readonly (readonly [ReleaseStatus, KStatus, string])[] = [
    [{ phase: 'Preparing', reason: 'ReleaseStarted' }, 'InProgress', 'ReleaseStarted'],
    [{ phase: 'Evaluating', reason: 'Evaluating' }, 'InProgress', 'Evaluating'],
    [{ phase: 'Shifting', reason: 'StepBegan' }, 'InProgress', 'StepBegan'],
    [{ phase: 'AwaitingApproval', reason: 'ApprovalRequired' }, 'InProgress', 'ApprovalRequired'],
    [{ phase: 'Promoting', reason: 'Approved' }, 'InProgress', 'Approved'],
    [{ phase: 'Held', reason: 'Freeze' }, 'InProgress', 'Freeze'],
    [{ phase: 'Paused', reason: 'Paused' }, 'InProgress', 'Paused'],
    [{ phase: 'RollingBack', reason: 'ObjectiveFailed' }, 'InProgress', 'ObjectiveFailed'],
    [{ phase: 'Promoted', reason: 'Promoted' }, 'Current', 'Promoted'],
    [{ phase: 'Promoted', reason: 'Promoted', undoTo: 'old' }, 'Failed', 'Undone'],
    [{ phase: 'Promoted', reason: 'GroupRolledBack', undoTo: 'old' }, 'Failed', 'GroupRolledBack'],
    [{ phase: 'RolledBack', reason: 'ObjectiveFailed' }, 'Failed', 'ObjectiveFailed'],
    [{ phase: 'Superseded', reason: 'SpecChanged' }, 'Failed', 'SpecChanged'],
    [{ phase: 'Aborted', reason: 'Aborted' }, 'Failed', 'Aborted'],
    [{ phase: 'Aborted' }, 'Failed', 'Aborted'],
  ];

  it.each(table)('%j is %s, because %s', (status, kstatus, reason) => {
    const next = told({ ...status, message: 'why it is so' });
    const seen = { ...release({}), status: next };
    expect(kstatusOf(seen)).toBe(kstatus);
    expect(faultsOf(seen)).toEqual([]);
    expect(next.conditions?.find(({ type }) => type === 'Ready')).toMatchObject({ reason, message: 'why it is so' });
    expect(releaseStatus.parse(next), 'the schema takes them').toEqual(next);
  });

  it('are told in every phase', () => {
    expect(new Set(table.map(([{ phase }]) => phase))).toEqual(new Set(releasePhase.options));
  });

  it('cost no write: what changes in a sentence alone waits with that sentence', () => {
    const stored = told({ phase: 'Held', reason: 'ProviderOutage', message: '3 of 9 requests failed' });
    expect(isWorthStoring(stored, told({ ...stored, message: '4 of 10 requests failed' }, stored))).toBe(false);
    expect(isWorthStoring(stored, told({ ...stored, phase: 'Shifting' }, stored))).toBe(true);
    expect(isWorthStoring(stored, told(stored, stored))).toBe(false);
  });

  it('are written once to a release that an older operator has on its way, in an outage too', () => {
    const older: ReleaseStatus = { phase: 'Held', reason: 'ProviderOutage', message: '3 of 9 requests failed' };
    const next = told(older, older);
    expect(isWorthStoring(older, next)).toBe(true);
    expect(isWorthStoring(next, told(next, next))).toBe(false);
  });

  it('are not made up for a release of which nothing is decided', () => {
    expect(told({})).toEqual({});
  });
});

describe('the sentences of a release', () => {
  const long = 'admission webhook "it" denied the request: '.repeat(1_000);

  it('are bounded wherever they stand, so that all of them fit into one object', () => {
    const status: ReleaseStatus = {
      phase: 'Shifting', reason: 'StepBegan', message: long,
      transitions: Array.from({ length: 64 }, () => ({ phase: 'Held' as const, at, reason: 'Freeze', message: long })),
      evaluations: Array.from({ length: 8 }, (_, index) => ({ suite: `s${index}`, attempt: 1, evalRun: 'r', verdict: 'Fail' as const, message: long })),
      objectives: Array.from({ length: 8 }, (_, index) => ({ name: `o${index}`, verdict: 'Fail' as const, message: long })),
      handledIntent: { verb: 'Skip', requestId: 'r', at, outcome: 'Refused', message: long },
    };
    const next = told(status);
    const sentences = [next.message, next.handledIntent?.message, ...[...(next.transitions ?? []), ...(next.evaluations ?? []), ...(next.objectives ?? []), ...(next.conditions ?? [])].map(({ message }) => message)];
    expect(Math.max(...sentences.map((sentence = '') => sentence.length))).toBeLessThanOrEqual(4_096);
    expect(JSON.stringify(next).length, 'of the 1.5 MiB that etcd takes').toBeLessThan(512 * 1024);
    expect(told(next, next), 'what is cut once stays').toEqual(next);
  });

  it('that fit are as they were', () => {
    const status: ReleaseStatus = { phase: 'Shifting', message: 'Step 1', transitions: [{ phase: 'Shifting', at, reason: 'StepBegan', message: 'Step 1' }] };
    expect(told(status)).toMatchObject(status);
  });
});
