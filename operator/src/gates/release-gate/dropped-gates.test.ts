import type { Objective, PastCounts, RolloutSpec } from '@sluice/crds';
import { describe, expect, test } from 'vitest';
import { droppedGatesIn } from './dropped-gates.ts';
import { openGate, withPolicy } from './open-gate.ts';
import { stateIn, stateText } from './gate-record.ts';

const past: PastCounts = { requests: 1000, bad: 20, latencyBuckets: [], counts: [{ name: 'orders', bad: 1, total: 500 }], pods: 2, podMilliseconds: 3_600_000 };
const success = (role: 'Gate' | 'Guard'): Objective => ({ name: 'success', role, successRate: { maxDropPoints: 2 } });
const orders = (role: 'Gate' | 'Guard', minPercent?: number): Objective => ({ name: 'orders', role, citations: { maxDropPoints: 2, ...(minPercent === undefined ? {} : { minPercent }) } });
const terms = (...objectives: Objective[]) => ({ rollout: { steps: [{ weight: 50, duration: '1m' }], maxDuration: '1h', gates: { objectives } } as RolloutSpec, requestTimeoutMs: 0, elapsedMs: 0 });
const begun = openGate(terms(success('Gate'), orders('Gate')), past, 0);

function proven(name: string): typeof begun {
  const state = stateIn(begun.state);
  const metric = state.metrics[name]!;
  return { ...begun, state: stateText({ ...state, metrics: { ...state.metrics, [name]: { ...metric, latched: [true] } } }) };
}

describe('a gate that an edit takes away before it is proven is kept in mind', () => {
  test.each<[string, typeof begun, readonly Objective[], readonly string[]]>([
    ['nothing is edited', begun, [success('Gate'), orders('Gate')], []],
    ['made a guard', begun, [success('Guard'), orders('Gate')], ['success']],
    ['left out', begun, [success('Gate')], ['orders']],
    ['both', begun, [success('Guard')], ['orders', 'success']],
    ['proven before', proven('success'), [success('Guard'), orders('Gate')], []],
    ['a guard that becomes a gate', withPolicy(begun, terms(success('Guard'), orders('Gate'))), [success('Guard'), orders('Gate', 90)], ['success']],
  ])('%s', (_, record, objectives, dropped) => {
    expect(droppedGatesIn(withPolicy(record, terms(...objectives)))).toEqual(dropped);
  });

  test('over further edits, until it is a gate again; what was gathered stays', () => {
    const edited = withPolicy(begun, terms(success('Guard'), orders('Gate')));
    const again = withPolicy(edited, terms({ ...success('Guard'), weight: 3 }, orders('Gate')));
    expect(droppedGatesIn(again)).toEqual(['success']);
    expect(droppedGatesIn(withPolicy(again, terms(success('Gate'), orders('Gate'))))).toEqual([]);
    expect(edited.state).toBe(begun.state);
    expect(withPolicy(edited, terms(success('Guard'), orders('Gate')))).toBe(edited);
  });

  test.each([[undefined], [{ policy: {} }], [{ policy: { droppedGates: 'success' } }]])('of a record that was damaged none is known: %j', (record) => {
    expect(droppedGatesIn(record)).toEqual([]);
  });
});

describe('what the test at the deadline has found of all gates', () => {
  const found = { ...withPolicy(begun, terms(success('Gate'), orders('Guard'))), state: stateText({ ...stateIn(begun.state), deadlineTested: 'Yes', deadlineFound: 'NotWorse' }) };
  const after = (...objectives: Objective[]) => stateIn(withPolicy(found, terms(...objectives)).state);

  test('is not of one that an edit makes a gate: that is still to be proven', () => {
    expect(after(success('Gate'), orders('Gate'))).toMatchObject({ deadlineTested: 'Yes' });
    expect(after(success('Gate'), orders('Gate'))).not.toHaveProperty('deadlineFound');
  });

  test('stays where an edit is of times alone', () => {
    const { rollout, ...others } = terms(success('Gate'), orders('Guard'));
    expect(stateIn(withPolicy(found, { ...others, rollout: { ...rollout, maxDuration: '2h' } }).state)).toMatchObject({ deadlineFound: 'NotWorse' });
  });
});
