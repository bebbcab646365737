import type { AgentDeployment, AgentDeploymentStatus, GateForecast, Objective, PastCounts } from '@sluice/crds';
import { describe, expect, it, test } from 'vitest';
import type { EvidenceRequest, EvidenceSource, PodTarget } from '../../evidence/index.ts';
import { releaseIn } from '../../release/testing/observations.ts';
import { sampleAgent, sampleRecord } from '../../revision/testing/sample-agent.ts';
import { readLedger } from '../ledger/releases.ts';
import type { AgentObservation } from '../observation.ts';
import { warningsOf } from '../status/warnings.ts';
import { forecastDueAt, forecastEveryMs, forecastLookAgainMs, isForecastDue, newStableMs, unknownAgainMs } from './due.ts';
import { forecastPlan } from './forecast-plan.ts';
import { forecastOfNext, outOfReach } from './next-release.ts';
import { readStable } from './stable-reading.ts';

const now = Date.parse('2026-11-22T10:00:00.000Z');
const record = sampleRecord();
const promoted = releaseIn({ phase: 'Promoted' });
const serving = readLedger([{ ...promoted, spec: { ...promoted.spec, revision: record.revision } }]);
const promotedSince = readLedger([{ ...promoted, spec: { ...promoted.spec, revision: record.revision }, status: { phase: 'Promoted', finishedAt: new Date(now + 60_000).toISOString() } }]);
const success: Objective = { name: 'success', successRate: { maxDropPoints: 2 } };

function agentWith({ objectives = [success], maxDuration = '1h', status, suspend = false }: { readonly objectives?: Objective[]; readonly maxDuration?: string; readonly status?: AgentDeploymentStatus; readonly suspend?: boolean } = {}): AgentDeployment {
  const rollout = { steps: [{ weight: 10, duration: '5m', marginFactor: 5 }, { weight: 50, duration: '5m' }], gates: { objectives, minDuration: '0s' }, maxDuration, progressDeadline: '5m', holdLimit: '24h', onSecretChange: 'Restart', historyLimit: 10 } as const;
  const sample = sampleAgent({ spec: { rollout } } as never);
  return { ...sample, metadata: { ...sample.metadata, uid: 'uid-1', generation: 3 }, spec: { ...sample.spec, rollout: { ...rollout, steps: [...rollout.steps] }, suspend }, ...(status === undefined ? {} : { status }) };
}

const told = (change: Partial<GateForecast> = {}): AgentDeploymentStatus => ({ observedGeneration: 3, forecast: { at: new Date(now).toISOString(), requestsPerMinute: 600, message: 'told', objectives: [], ...change } });
const past = (requests: number, minutes: number, bad = Math.round(requests * 0.02)): PastCounts => ({ requests, bad, latencyBuckets: [], pods: 2, podMilliseconds: 2 * minutes * 60_000 });
const seen = (agent: AgentDeployment, stableReading?: AgentObservation['stableReading']) => ({ agent, now, ...(stableReading === undefined ? {} : { stableReading }) });

describe('when the traffic is read for the forecast of the next release', () => {
  it.each<[string, AgentDeployment, typeof serving, number | undefined]>([
    ['there is no forecast yet', agentWith(), serving, 0],
    ['the plan was edited, and the release of it has ended', agentWith({ status: told({ plan: 'another' }) }), serving, 0],
    ['what it is of was edited away while a release was on its way', agentWith({ status: told({ plan: '' }) }), serving, 0],
    ['something else was edited', agentWith({ status: { ...told({ plan: forecastPlan(agentWith()) }), observedGeneration: 2 } }), serving, now + forecastEveryMs],
    ['an operator told it that told no plan, and the spec was edited', agentWith({ status: { ...told(), observedGeneration: 2 } }), serving, 0],
    ['it is known', agentWith({ status: told() }), serving, now + forecastEveryMs],
    ['it could not be known', agentWith({ status: { observedGeneration: 3, forecast: { at: new Date(now).toISOString(), message: 'not known', objectives: [] } } }), serving, now + unknownAgainMs],
    ['it could not be known of the revision before', agentWith({ status: { observedGeneration: 3, forecast: { at: new Date(now).toISOString(), message: 'not known', objectives: [] } } }), promotedSince, now + 60_000],
    ['it is known of the revision before', agentWith({ status: told() }), promotedSince, now + 60_000 + newStableMs],
    ['it was told after the promotion', agentWith({ status: told({ at: new Date(now + 120_000).toISOString() }) }), promotedSince, now + 120_000 + forecastEveryMs],
    ['a release is on its way', agentWith(), readLedger([releaseIn({ phase: 'Shifting' })]), undefined],
    ['nothing serves', agentWith(), readLedger([]), undefined],
    ['no objective is set', agentWith({ objectives: [] }), serving, undefined],
    ['the agent is suspended', agentWith({ suspend: true }), serving, undefined],
  ])('%s', (_, agent, ledger, expected) => {
    expect(forecastDueAt(agent, ledger, agent.status)).toBe(expected);
  });

  const serves = { kind: 'Rendered', record } as const;
  const another = { kind: 'Rendered', record: { ...record, revision: 'another' } } as const;

  it('not before its time, and not for what is about to be released', () => {
    const known = agentWith({ status: told() });
    expect([now, now + forecastEveryMs].map((at) => isForecastDue(known, serving, { desired: serves, now: at }))).toEqual([false, true]);
    expect(isForecastDue(agentWith(), serving, { desired: another, now })).toBe(false);
    expect(isForecastDue(known, serving, { desired: another, now: now + forecastEveryMs }), 'what was taken back is not released by itself').toBe(true);
  });

  it('of another plan at once, but where that is about to be released', () => {
    const edited = agentWith({ status: told({ plan: 'another' }) });
    const failed = releaseIn({ phase: 'RolledBack', reason: 'ObjectiveFailed' });
    const rejected = readLedger([...serving.all, { ...failed, metadata: { ...failed.metadata, name: 'support-99' }, spec: { ...failed.spec, revision: 'another' } }]);
    expect(isForecastDue(edited, serving, { desired: serves, now })).toBe(true);
    expect(isForecastDue(edited, serving, { desired: another, now })).toBe(false);
    expect(isForecastDue(edited, rejected, { desired: another, now }), 'it was rolled back').toBe(true);
  });

  it('looks again when it is due, and never in a loop', () => {
    expect(forecastLookAgainMs(agentWith(), serving, { status: told(), now })).toBe(forecastEveryMs);
    expect(forecastLookAgainMs(agentWith(), serving, { status: { observedGeneration: 3 }, now })).toBe(60_000);
    expect(forecastLookAgainMs(agentWith({ objectives: [] }), serving, { status: {}, now })).toBeUndefined();
  });
});

describe('the look at the stable pods', () => {
  const target = (uid: string, state?: PodTarget['state']): PodTarget => ({ uid, ip: '127.0.0.1', port: 8080, startedAt: 0, ...(state === undefined ? {} : { state }) });
  const call = { signal: new AbortController().signal };

  function source(answer: Partial<Awaited<ReturnType<EvidenceSource['collect']>>>) {
    const asked: EvidenceRequest[] = [];
    const forgotten: string[] = [];
    const none = { requests: 0, bad: 0, latencyBuckets: [] };
    const evidence: EvidenceSource = { collect: async (request) => { asked.push(request); return { since: '', missedScrapes: 0, stable: none, canary: none, ...answer }; }, forget: (id) => { forgotten.push(id); } };
    return { evidence, asked, forgotten };
  }

  it('asks the pods that serve for what the objectives count, and remembers nothing', async () => {
    const { evidence, asked, forgotten } = source({ past: past(1200, 60) });
    expect(await readStable(agentWith(), [target('a'), target('b', 'Leaving')], { evidence, now }, call)).toEqual({ past: past(1200, 60) });
    expect(asked).toMatchObject([{ windowId: 'uid-1/forecast', stable: [{ uid: 'a' }], canary: [], objectives: [success] }]);
    expect(forgotten).toEqual(['uid-1/forecast']);
  });

  it('says what is missing', async () => {
    expect(await readStable(agentWith(), [], { evidence: source({}).evidence, now }, call)).toEqual({ problem: 'no pod of the stable revision runs' });
    expect(await readStable(agentWith(), [target('a')], { evidence: source({ problems: [{ objective: 'cost', reason: 'no price' }] }).evidence, now }, call)).toEqual({ problem: 'cost: no price' });
  });
});

describe('an objective that the pods count nothing of', () => {
  const orders: Objective = { name: 'orders', counter: { bad: { metric: 'orders_faild_total' }, total: { metric: 'orders_total' } } };
  const problems = [{ objective: 'orders', reason: 'there is no metric orders_faild_total' }];
  const reading = async (requests: number) => {
    const none = { requests: 0, bad: 0, latencyBuckets: [] };
    const evidence: EvidenceSource = { collect: async () => ({ since: '', missedScrapes: 0, stable: none, canary: none, past: past(requests, 60), problems }), forget: () => {} };
    return await readStable(agentWith({ objectives: [success, orders] }), [{ uid: 'a', ip: '127.0.0.1', port: 8080, startedAt: 0 }], { evidence, now }, { signal: new AbortController().signal });
  };

  it('is told with the forecast once they have served requests, and not before', async () => {
    const stableReading = await reading(1200);
    expect(forecastOfNext(seen(agentWith({ objectives: [success, orders] }), stableReading))).toMatchObject({ uncounted: problems });
    expect(forecastOfNext(seen(agentWith({ objectives: [success, orders] }), await reading(0)))).not.toHaveProperty('uncounted');
  });

  it('is told although the pods are too young for a forecast', async () => {
    const { uncounted } = await reading(3);
    expect(forecastOfNext(seen(agentWith(), { past: past(3, 1), ...(uncounted === undefined ? {} : { uncounted }) }))).toMatchObject({ summary: 'not known', uncounted: problems });
  });
});

describe('the forecast for the next release', () => {
  it('is there although none is under way: requests, minutes and the smallest margin, step by step', () => {
    const forecast = forecastOfNext(seen(agentWith(), { past: past(36_000, 60) }));
    expect(forecast).toMatchObject({ requestsPerMinute: 600, objectives: [{ name: 'success', reachable: 'Yes', badPercent: 2.0013 }], steps: [{ step: 1, reachable: 'Yes' }, { step: 2, reachable: 'Yes' }] });
    expect(forecast?.summary).toMatch(/^about \d+ min$/);
    expect(forecast?.message).toMatch(/The stable revision gets 600 requests a minute on average since its pods started, of which the new one will get 300 .*success needs about \d+ requests of the new revision, about [\d.]+ min; within 1h the smallest margin that can be decided is [\d.]+ points; a revision as good as the stable one takes: step 1 about 5 min, step 2 about/);
  });

  it('says of guards why it has no number for them', () => {
    const messageOf = (...objectives: readonly Objective[]) => forecastOfNext(seen(agentWith({ objectives: [...objectives] }), { past: past(36_000, 60) }))?.message;
    const guard = (name: string): Objective => ({ name, role: 'Guard', successRate: { maxDropPoints: 5 } });
    expect(messageOf(success)).not.toContain('guard');
    expect(messageOf(success, guard('other'))).toContain('; other is a guard: it needs no proof, and can only roll back; a revision as good as');
    expect(messageOf(success, guard('other'), guard('third'))).toContain('; other, third are guards: they need no proof, and can only roll back; ');
  });

  it('is a warning where the traffic cannot decide in time, with the margin that it can', () => {
    const observation = seen(agentWith(), { past: past(60, 60) });
    const forecast = forecastOfNext(observation);
    expect(forecast).toMatchObject({ summary: 'out of reach: success', objectives: [{ reachable: 'No' }] });
    const [warning] = warningsOf({ ...observation, records: new Map(), revisions: new Map(), standing: new Map(), routing: { api: 'Served', services: new Set() } } as unknown as AgentObservation, serving);
    expect(warning).toMatchObject({ type: 'GateOutOfReach', status: 'True', reason: 'TooLittleTraffic', message: forecast?.message });
    expect(warning?.message).toContain('cannot be decided within 1h: widen the margin, raise maxDuration or the weight of the steps; within 1h the smallest margin');
  });

  it.each<[string, AgentObservation['stableReading'] & object, string]>([
    ['nothing could be read', { problem: 'a pod could not be scraped: ECONNREFUSED' }, 'the pods of the stable revision could not be read: a pod could not be scraped: ECONNREFUSED'],
    ['the pods are young', { past: past(3, 1) }, 'had run for 60 s only and served 3 requests'],
  ])('invents no number where %s', (_, reading, sentence) => {
    const forecast = forecastOfNext(seen(agentWith(), reading));
    expect(forecast).toMatchObject({ summary: 'not known', objectives: [] });
    expect(forecast?.message).toContain(sentence);
    expect(forecast).not.toHaveProperty('requestsPerMinute');
  });

  test('without any traffic nothing comes to a verdict', () => {
    expect(forecastOfNext(seen(agentWith(), { past: past(0, 60, 0) }))).toMatchObject({ summary: 'out of reach: success', requestsPerMinute: 0 });
  });

  it('stays as it was told until it is made anew, and goes with the objectives', () => {
    const status = told();
    expect(forecastOfNext(seen(agentWith({ status })))).toEqual(status.forecast);
    expect(forecastOfNext(seen(agentWith({ status, objectives: [] })))).toBeUndefined();
  });
});

describe('a forecast of another plan', () => {
  const slow: Objective = { name: 'p95', latency: { percentile: 95, maxMilliseconds: 90_000 } };
  const latencies: PastCounts = { ...past(36_000, 60), latencyBuckets: [{ le: 1, count: 35_000 }, { le: 60, count: 36_000 }, { le: -1, count: 36_000 }] };
  const before = agentWith({ objectives: [success, slow], maxDuration: '2h' });
  const forecast = forecastOfNext(seen(before, { past: latencies }));
  /** Released at once: its generation was seen when the release began. */
  const edited = agentWith({ status: { observedGeneration: 3, ...(forecast === undefined ? {} : { forecast }) } });

  it('is not shown as that of the present one: nothing is said to be out of reach, and what an edit is warned of by stays', () => {
    expect(outOfReach(seen(before, { past: latencies }))).toMatchObject({ summary: 'out of reach: p95', plan: forecastPlan(before) });
    const left = forecastOfNext(seen(edited));
    expect(left).toEqual({
      at: forecast?.at, plan: '', summary: 'not known', requestsPerMinute: 600, objectives: [{ name: 'success', badPercent: 2.0013 }, { name: 'p95/bound', badPercent: 50 }],
      message: expect.stringContaining('is not known: steps, gates or times of the rollout were edited'),
    });
    expect(outOfReach(seen(edited))).toBeUndefined();
  });

  it('stays so, byte for byte, until the pods are read anew', () => {
    const left = forecastOfNext(seen(edited));
    const later = { ...edited, status: { observedGeneration: 3, ...(left === undefined ? {} : { forecast: left }) } };
    expect(forecastOfNext({ ...seen(later), now: now + 60_000 })).toEqual(left);
    expect(forecastDueAt(later, serving, later.status)).toBe(0);
    expect(forecastOfNext(seen(later, { past: latencies }))).toMatchObject({ plan: forecastPlan(edited), objectives: [{ name: 'success', reachable: 'Yes' }] });
  });

  it('is one of the same plan again after an edit back, until it was told to be none', () => {
    expect(forecastOfNext(seen({ ...before, status: { observedGeneration: 3, ...(forecast === undefined ? {} : { forecast }) } }))).toEqual(forecast);
  });

  it.each<[string, 'same' | 'another', (agent: AgentDeployment) => AgentDeployment]>([
    ['the number of pods', 'same', (agent) => ({ ...agent, spec: { ...agent.spec, replicas: 7 } })],
    ['the prompt', 'same', (agent) => ({ ...agent, spec: { ...agent.spec, agent: { ...agent.spec.agent, prompt: { inline: 'another' } } } })],
    ['the length of the history', 'same', (agent) => ({ ...agent, spec: { ...agent.spec, rollout: { ...agent.spec.rollout!, historyLimit: 3 } } })],
    ['a weight', 'another', (agent) => ({ ...agent, spec: { ...agent.spec, rollout: { ...agent.spec.rollout!, steps: [{ weight: 20, duration: '5m' }] } } })],
    ['the time', 'another', () => agentWith({ maxDuration: '2h' })],
    ['a margin', 'another', () => agentWith({ objectives: [{ name: 'success', successRate: { maxDropPoints: 3 } }] })],
    ['the longest time of a request', 'another', (agent) => ({ ...agent, spec: { ...agent.spec, agent: { ...agent.spec.agent, limits: { ...agent.spec.agent.limits!, requestTimeout: '5m' } } } })],
  ])('%s: the %s plan', (_, expected, edit) => {
    const agent = agentWith();
    expect(forecastPlan(edit(agent)) === forecastPlan(agent)).toBe(expected === 'same');
    expect(forecastPlan(agent)).toHaveLength(16);
  });
});
