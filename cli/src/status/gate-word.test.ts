import type { ObjectiveVerdict, Release, ReleaseStatus } from '@sluice/crds';
import { describe, expect, it } from 'vitest';
import { judgedRelease } from '../fixtures/judged-release.ts';
import { releaseOf } from '../fixtures/views.ts';
import { objectiveWord, suiteWord } from './gate-word.ts';

const evaluating = releaseOf(3, 'r3', { phase: 'Evaluating' });

describe('a suite without a verdict', () => {
  it.each([
    ['suite "golden" is running: 2/5, 0 failed, 40 s left', 'Running'],
    ['suite "golden" goes on in another pod', 'Running'],
    ['suite "golden" is going on in another pod: 5 cases', 'Running'],
    ['suite "golden" is measured; it is compared with the stable revision next', 'Running'],
    ['suite "golden" is about to run', 'Pending'],
    ['suite "golden" is starting: 12 cases', 'Pending'],
    ['suite "golden" waits for its pod to start', 'Pending'],
    ['suite "golden" waits: Secret "key" does not exist', 'NotMeasured'],
    ['the eval container ran out of memory (OOMKilled)', 'NotMeasured'],
  ])('whose run says %s is %s', (message, word) => {
    expect(suiteWord(evaluating, { verdict: 'NotMeasured', message })).toBe(word);
  });

  it('is not measured once the release has ended, whatever its run said last', () => {
    expect(suiteWord(releaseOf(3, 'r3', { phase: 'Aborted' }), { verdict: 'NotMeasured', message: 'suite "golden" is running: 2/5' })).toBe('NotMeasured');
  });

  it.each(['Pass', 'Fail'] as const)('that says %s says so', (verdict) => {
    expect(suiteWord(evaluating, { verdict, message: 'suite "golden" is running: 2/5' })).toBe(verdict);
  });
});

describe('an objective', () => {
  const judged = judgedRelease({ canary: 2, stable: 2 }, 2);
  const metric = { books: {}, latched: [false, false], missing: 0, totals: [], unsettled: [2, 26, 3, 70] };

  /** With this in place of what was counted, and these changes of the status. */
  function release(change: object, status: ReleaseStatus = {}): Release {
    const { gate } = judged.status ?? {};
    if (gate === undefined) throw new Error('the release has no gate');
    const state = JSON.parse(gate.state) as { readonly metrics: Readonly<Record<string, object>> };
    const metrics = { success: { ...state.metrics['success'], ...metric, ...change } };
    return { ...judged, status: { ...judged.status, phase: 'Shifting', gate: { ...gate, state: JSON.stringify({ ...state, metrics }) }, ...status } };
  }

  const word = (of: Release, verdict: ObjectiveVerdict = 'NotMeasured') => objectiveWord(of, { name: 'success', verdict });

  it.each<[string, object, string]>([
    ['whose requests have not settled is counting', {}, 'Counting'],
    ['that waits for the rest of some pod is counting', { unsettled: undefined, awaiting: [{ weight: 20, counts: [2, 26, 3, 70] }] }, 'Counting'],
    ['that the latest scrapes lack is not measured', { missing: 1 }, 'NotMeasured'],
    ['of which nothing of the new revision was counted is not measured', { unsettled: [0, 0, 3, 70] }, 'NotMeasured'],
    ['of which nothing of the stable revision was counted is not measured', { unsettled: [2, 26, 0, 0] }, 'NotMeasured'],
  ])('%s', (_title, change, says) => {
    expect(word(release(change))).toBe(says);
  });

  it('is not measured where nothing is counted on', () => {
    expect(word(release({}, { phase: 'Paused' }))).toBe('Counting');
    for (const phase of ['Held', 'AwaitingApproval', 'RolledBack'] as const) expect(word(release({}, { phase }))).toBe('NotMeasured');
  });

  it('is not measured before anything was judged, nor where the record cannot be read', () => {
    expect(word(releaseOf(3, 'r3', { phase: 'Shifting' }))).toBe('NotMeasured');
    const { gate } = judged.status ?? {};
    expect(word({ ...judged, status: { ...judged.status, ...(gate === undefined ? {} : { gate: { ...gate, state: '{' } }) } })).toBe('NotMeasured');
  });

  it.each(['Pass', 'Fail', 'Inconclusive', 'ProviderOutage', 'Terminated'] as const)('that says %s says so', (verdict) => {
    expect(word(release({}), verdict)).toBe(verdict);
  });
});
