import type { Objective } from '@sluice/crds';
import { expect, it } from 'vitest';
import { judge, openState } from '../sequential/index.ts';
import { failuresMetric, gatePolicy, minuteBlock, minuteMs } from '../sequential/testing/run-release.ts';
import { resultsOf } from './results-of.ts';

const names = ['success', 'slow', 'tools'];
const objectives: Objective[] = names.map((name) => ({ name, successRate: {} }));
const measures = names.map((name) => ({ metric: name, objective: name, kind: 'Requests' as const }));
const metrics = names.map((name) => failuresMetric({ name, role: name === 'tools' ? 'guard' : 'gate' }));

/** After minutes in which nothing has settled, each with these counts of every objective. */
function said(minutes: number, bad: number) {
  const policy = gatePolicy({ metrics, requestTimeoutMs: 60 * minuteMs });
  const seen = { success: { nc: 15, xc: bad, ns: 135, xs: 2 }, slow: { nc: 15, xc: 1, ns: 135, xs: 9 }, tools: { nc: 4, xc: bad > 1 ? 2 : 0, ns: 36, xs: 0 } };
  const blocks = Array.from({ length: minutes }, (_, minute) => ({ ...minuteBlock(minute, { nc: 0, xc: 0, ns: 0, xs: 0 }), metrics: seen }));
  const judgement = judge({ state: openState(policy, 0), blocks, now: minutes * minuteMs, step: 0, stepSince: 0 }, policy);
  return { reason: judgement.reason, messages: resultsOf(judgement, { policy, measures, objectives }).map(({ message }) => message) };
}

it('a rollback tells of each objective the counts that it was decided on, settled or not', () => {
  const { reason, messages } = said(4, 6);
  expect(reason).toBe('Worse');
  expect(messages[0]).toMatch(/^success: 24 bad of 60 \(40 %\) on the new revision and 8 bad of 540 \(1\.48 %\) on the stable one, .*, evidence \S.* that it is worse, where 60 decides alone$/);
  expect(messages[1]).toMatch(/^slow: 4 bad of 60 .*, evidence [\d.]+ of 60 that it is worse$/);
  expect(messages[2]).toMatch(/^tools: 8 bad of 16 .* that it is worse, where 60 decides alone$/);
});

it('an open question tells of a gate what has settled, for that is what proves', () => {
  const { reason, messages } = said(1, 1);
  expect(reason).toBe('NotSettled');
  expect(messages[0]).toMatch(/^success: no settled requests on the new revision and no settled requests on the stable one; .* that it is within the margin/);
  expect(messages[2]).toMatch(/^tools: 0 bad of 4 /);
});

it('fails the objective with the largest part in a rollback, by its weight and at the risk that is left, and not whichever has the largest number', () => {
  const policy = gatePolicy({ metrics });
  const judgement = judge({ state: openState(policy, 0), blocks: [minuteBlock(0, { nc: 0, xc: 0, ns: 0, xs: 0 }, { metrics: Object.fromEntries(names.map((name) => [name, { xc: 1, nc: 60, xs: 9, ns: 540 }])) })], now: minuteMs, step: 0, stepSince: 0 }, policy);
  const failed = (harms: Readonly<Record<string, { readonly harm: number; readonly harmNeeded: number }>>) => {
    const worse = { ...judgement, reason: 'Worse' as const, metrics: judgement.metrics.map((report) => ({ ...report, ...harms[report.name] })) };
    return resultsOf(worse, { policy, measures, objectives }).filter(({ verdict }) => verdict === 'Fail').map(({ name }) => name);
  };
  expect(failed({ success: { harm: 100, harmNeeded: 2000 }, slow: { harm: 39, harmNeeded: 41 }, tools: { harm: 1, harmNeeded: 60 } })).toEqual(['slow']);
  expect(failed({ success: { harm: 60, harmNeeded: 60 }, slow: { harm: 59, harmNeeded: 60 }, tools: { harm: 70, harmNeeded: 60 } })).toEqual(['success', 'tools']);
});
