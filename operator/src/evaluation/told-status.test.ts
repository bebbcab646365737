import { evalRunPhase, type EvalRunPhase, evalRunStatus, unobserved } from '@sluice/crds';
import { expect, it } from 'vitest';
import { faultsOf, type KStatus, kstatusOf } from '../conditions/testing/kstatus.ts';
import { evalRun, now } from './testing/sample-run.ts';
import { toldStatus } from './told-status.ts';

const run = evalRun(undefined, { generation: 1 });
const meaning: Readonly<Record<EvalRunPhase, KStatus>> = { Pending: 'InProgress', Running: 'InProgress', Passed: 'Current', Failed: 'Failed', Inconclusive: 'Failed', NotMeasured: 'Failed' };

it.each(evalRunPhase.options)('a run that is %s is that to kstatus, too', (phase) => {
  const status = toldStatus(run, { phase, message: 'suite "golden" is so far' }, now);
  const seen = { ...run, status };
  expect(kstatusOf(seen)).toBe(meaning[phase]);
  expect(faultsOf(seen)).toEqual([]);
  expect(status.conditions?.[0]).toMatchObject({ type: 'Ready', reason: phase, message: 'suite "golden" is so far' });
  expect(evalRunStatus.parse(status)).toEqual(status);
});

it('a run that nobody has looked at is on its way, by what the API server gives it', () => {
  expect(kstatusOf({ ...run, status: unobserved })).toBe('InProgress');
});

it('what hinders every other try as well is the reason', () => {
  expect(toldStatus(run, { phase: 'NotMeasured', reason: 'NoPrice', message: 'no price' }, now).conditions?.map(({ type, reason }) => [type, reason])).toEqual([['Ready', 'NoPrice'], ['Reconciling', 'NotReconciling'], ['Stalled', 'NoPrice']]);
});

it('its sentence is bounded', () => {
  const { message = '', conditions = [] } = toldStatus(run, { phase: 'NotMeasured', message: 'the API server refused an object of the run: '.repeat(1_000) }, now);
  for (const sentence of [message, ...conditions.map((condition) => condition.message)]) expect(sentence.length).toBeLessThanOrEqual(4_096);
});
