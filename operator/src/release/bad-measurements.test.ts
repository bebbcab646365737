import type { Evidence, Objective, ReleaseStatus, Sample } from '@sluice/crds';
import { describe, expect, it } from 'vitest';
import { isoTime } from '../evidence/clock-time.ts';
import { lookAtGate } from './gate-look.ts';
import { steadyPast } from './testing/played-release.ts';
import { observed, releaseIn, startedAt, twoSteps } from './testing/observations.ts';

const intervalMs = 15_000;
const looks = 10;

/** Totals of a revision after `block` blocks of a hundred requests each. */
type Counted = (block: number) => Sample;

interface Seen {
  readonly objective: Objective;
  readonly canary: Counted;
  readonly stable: Counted;
  readonly problems?: Evidence['problems'];
}

const requests = (block: number, share = 0): Sample => ({ requests: 100 * block, bad: Math.round(100 * block * share), latencyBuckets: [] });
const healthy: Counted = (block) => requests(block, 0.01);

/** What the gates say in the end of a release whose pods report this; nothing is decided elsewhere. */
function judged({ objective, canary, stable, problems }: Seen) {
  const rollout = { ...twoSteps, steps: [{ weight: 10, duration: '1s' }], gates: { interval: '15s', minDuration: '0s', objectives: [objective] } };
  const { costBuckets } = stable(1);
  const past = { ...steadyPast, ...(costBuckets === undefined ? {} : { costBuckets }) };
  let status: ReleaseStatus = { phase: 'Shifting', step: 0, weight: 10, stepStartedAt: isoTime(startedAt) };
  const verdicts = new Set<string>();
  let said = { sentence: '', reason: '', message: '' };
  for (let block = 1; block <= looks; block += 1) {
    const now = startedAt + block * intervalMs;
    const evidence: Evidence = { since: isoTime(startedAt), lastScrapeAt: isoTime(now), missedScrapes: 0, canary: canary(block), stable: stable(block), past, ...(problems === undefined ? {} : { problems }) };
    const { results, changes, judgement } = lookAtGate(observed(status, { release: releaseIn(status, rollout), rollout, now, evidence }));
    status = { ...status, ...changes };
    verdicts.add(judgement?.verdict ?? 'none').add(results[0]?.verdict ?? 'none');
    said = { sentence: judgement?.sentence ?? said.sentence, reason: judgement?.reason ?? said.reason, message: results[0]?.message ?? '' };
  }
  return { verdicts, objective: status.objectives?.[0]?.verdict, ...said };
}

const success: Objective = { name: 'success', successRate: {} };
const latency: Objective = { name: 'p95', latency: { percentile: 95 } };
const orders: Objective = { name: 'orders', counter: { bad: { metric: 'orders_failed_total' }, total: { metric: 'orders_total' } }, role: 'Gate' };
const query: Objective = { name: 'refunds', query: { bad: 'sum(refunds_failed)', total: 'sum(refunds)' }, role: 'Gate' };
const cost: Objective = { name: 'cost', cost: {}, role: 'Gate' };
const noPodLabel = 'query.total returns no series with the label pod: write sum by (pod) (...)';

describe('what cannot be measured is never good', () => {
  it.each<[string, Seen, { readonly objective: string; readonly reason: string; readonly says: readonly string[] }]>([
    ['a count that is not a number', { objective: success, canary: (block) => ({ ...healthy(block), bad: Number.NaN }), stable: healthy }, { objective: 'NotMeasured', reason: 'DataMissing', says: ['measurements are missing: success for 10 scrapes; missing data is never a pass'] }],
    ['more bad requests than requests', { objective: success, canary: (block) => ({ ...requests(block), bad: 100 * block + 1 + block }), stable: healthy }, { objective: 'NotMeasured', reason: 'DataMissing', says: ['success for 10 scrapes'] }],
    ['a part of a request', { objective: success, canary: (block) => ({ ...healthy(block), requests: 100.5 * block }), stable: healthy }, { objective: 'NotMeasured', reason: 'DataMissing', says: ['measurements are missing'] }],
    ['a counter that does not exist', { objective: orders, canary: healthy, stable: healthy, problems: [{ objective: 'orders', reason: 'there is no counter orders_total (2 pods)' }] }, { objective: 'NotMeasured', reason: 'DataMissing', says: ['orders for 10 scrapes', 'not counted, because orders: there is no counter orders_total (2 pods)'] }],
    ['a histogram that does not exist', { objective: latency, canary: healthy, stable: healthy }, { objective: 'NotMeasured', reason: 'DataMissing', says: ['p95 for 10 scrapes'] }],
    ['a price that nobody named', { objective: cost, canary: healthy, stable: healthy, problems: [{ objective: 'cost', reason: 'name the price of the model' }] }, { objective: 'NotMeasured', reason: 'DataMissing', says: ['cost for 10 scrapes', 'name the price of the model'] }],
    ['a query without the label pod', { objective: query, canary: healthy, stable: healthy, problems: [{ objective: 'refunds', reason: noPodLabel }] }, { objective: 'NotMeasured', reason: 'DataMissing', says: [`refunds: ${noPodLabel}`] }],
    ['a baseline of zero: the stable revision has no requests', { objective: success, canary: healthy, stable: () => requests(0) }, { objective: 'NotMeasured', reason: 'Undecided', says: ['success: 10 bad of 1000 (1 %) on the new revision and no settled requests on the stable one', 'evidence 1 of ', 'more requests of the new revision are needed'] }],
    ['a new revision without requests', { objective: success, canary: () => requests(0), stable: healthy }, { objective: 'NotMeasured', reason: 'Undecided', says: ['no settled requests on the new revision'] }],
    ['a baseline of zero: requests of the stable revision that cost nothing', { objective: cost, canary: (block) => withCosts(block, 0), stable: (block) => withCosts(block, 100 * block) }, { objective: 'Fail', reason: 'Worse', says: ['the new revision is worse', 'cost: $', '; evidence ', 'a success costs about $'] }],
  ])('%s', (_, seen, expected) => {
    const said = judged(seen);
    expect(said).toMatchObject({ objective: expected.objective, reason: expected.reason });
    expect([...said.verdicts]).not.toContain('Pass');
    expect([...said.verdicts]).not.toContain('Promote');
    for (const part of expected.says) expect(`${said.sentence} | ${said.message}`).toContain(part);
    expect(`${said.sentence} ${said.message}`).not.toMatch(/NaN|undefined|Infinity/);
  });

  it('a bad rate of zero on the stable revision is a rate like another: a spotless new one is proven', () => {
    expect(judged({ objective: success, canary: (block) => requests(block), stable: (block) => requests(block * 9) }).objective).toBe('Pass');
  });
});

/** All but `free` requests cost between 1 and 2 cents, the free ones less than a hundredth of one. */
function withCosts(block: number, free: number): Sample {
  const all = 100 * block;
  return { ...healthy(block), costBuckets: [{ le: 0.0001, count: free }, { le: 0.01, count: free }, { le: 0.02, count: all }, { le: -1, count: all }] };
}
