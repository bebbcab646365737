import type { AgentDeployment, Objective, PastCounts, RolloutSpec } from '@sluice/crds';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openGate } from '../gates/release-gate/index.ts';
import { agent } from '../integration/manifests.ts';
import { call } from '../integration/test-cluster.ts';
import { installWarningPolicy, type WarningPolicy } from '../integration/warning-policy.ts';
import { agentDeployments } from '../resources.ts';

let policy: WarningPolicy;

const success = (maxDropPoints: number): Objective => ({ name: 'success', successRate: { maxDropPoints } });
const requestsPerMinute = 60;
const past: PastCounts = { requests: 60 * 60, bad: 72, latencyBuckets: [], pods: 1, podMilliseconds: 3_600_000 };

function rolloutOf(objectives: Objective[], change: Partial<RolloutSpec> = {}): RolloutSpec {
  return { steps: [{ weight: 10, duration: '1m' }], gates: { objectives, minDuration: '0s' }, maxDuration: '1h', progressDeadline: '5m', holdLimit: '24h', onSecretChange: 'Restart', historyLimit: 10, ...change };
}

/** What the operator forecasts for a rollout with this traffic. */
function forecastOf(rollout: RolloutSpec) {
  const { forecast } = openGate({ rollout, requestTimeoutMs: 1_000, elapsedMs: 0 }, past, Date.parse('2026-11-22T10:00:00Z'));
  if (forecast === undefined) throw new Error('there is no forecast');
  return forecast;
}

beforeAll(async () => {
  policy = await installWarningPolicy('forecast');
  const { namespace } = policy;
  const support = agent({ route: { parentRefs: [{ name: 'gateway' }], pathPrefix: '/' } });
  await policy.cluster.admin.create(agentDeployments, { ...support, metadata: { name: 'support', namespace } } as AgentDeployment, call);
  const known = await policy.cluster.admin.get(agentDeployments, { namespace, name: 'support' }, call);
  await policy.cluster.admin.replaceStatus(agentDeployments, { ...known, status: { phase: 'Healthy', forecast: forecastOf(rolloutOf([success(2), { name: 'tools', toolErrors: {}, role: 'Gate' }])) } }, call);
  // Only what changes the spec is looked at.
  let probes = 0;
  await policy.inForce(() => apply(rolloutOf([success(0.1 + (probes += 1) / 1000)])));
});

afterAll(async () => {
  await policy?.close();
});

/** The warnings that a user sees who applies the rollout; the change is made. */
function apply(rollout: RolloutSpec): Promise<string[]> {
  return policy.writes.patch('support', [{ op: 'add', path: '/spec/rollout', value: rollout }]);
}

async function tell(status: Omit<NonNullable<AgentDeployment['status']>, 'phase'>): Promise<void> {
  const known = await policy.cluster.admin.get(agentDeployments, { namespace: policy.namespace, name: 'support' }, call);
  await policy.cluster.admin.replaceStatus(agentDeployments, { ...known, status: { phase: 'Healthy', ...status } }, call);
}

function neededIn(warning: string | undefined): number {
  return Number(/needs about (\d+) requests/.exec(warning ?? '')?.[1]);
}

describe('a step whose traffic cannot come to a verdict is warned about at kubectl apply', () => {
  it('with the requests that are needed, those that come, and what to do; the change is accepted', async () => {
    const [warning, ...more] = await apply(rolloutOf([success(1)]));
    expect(more).toEqual([]);
    expect(warning).toContain(`with ${requestsPerMinute} requests a minute, the average since the pods that serve started, a step cannot come to a verdict: success with a margin of 1 points needs about`);
    expect(warning).toContain('10 % of the traffic brings 360 within 1h');
    expect(warning).toContain('widen the margin, or raise maxDuration, the weight or marginFactor of the step');
    const { spec } = await policy.cluster.admin.get(agentDeployments, { namespace: policy.namespace, name: 'support' }, call);
    expect(spec.rollout?.gates?.objectives).toEqual([success(1)]);
  });

  it.each<[string, RolloutSpec]>([
    ['a margin that the traffic decides', rolloutOf([success(10)])],
    ['more time', rolloutOf([success(2)], { maxDuration: '24h' })],
    ['a margin that is as wide as this step needs', rolloutOf([success(2)], { steps: [{ weight: 10, duration: '1m', marginFactor: 5 }, { weight: 50, duration: '1m' }], maxDuration: '2h' })],
    ['no gate', rolloutOf([{ ...success(0.1), role: 'Guard' }])],
    ['a gate by its fixed bound alone', rolloutOf([{ name: 'success', successRate: { minPercent: 95 } }])],
    ['an objective that is not known yet', rolloutOf([{ name: 'latency', latency: { percentile: 95 } }])],
    ['a step of all the traffic', rolloutOf([success(10)], { steps: [{ weight: 10, duration: '1m' }, { weight: 100, duration: '1m' }] })],
  ])('nothing is said of %s', async (_, rollout) => {
    expect(await apply(rollout)).toEqual([]);
  });

  it.each<[string, RolloutSpec, string]>([
    ['a gate that is one by its role', rolloutOf([{ name: 'tools', toolErrors: {}, role: 'Gate' }]), 'tools with a margin of 2'],
    ['a step that mirrors', rolloutOf([success(2)], { steps: [{ mirrorPercent: 5, duration: '1m' }, { weight: 50, duration: '1m' }] }), '5 % of the traffic brings 180'],
    ['requests that share their fate', rolloutOf([success(5)], { gates: { objectives: [success(5)], designEffect: 50 } }), 'success with a margin of 5'],
  ])('%s is warned of', async (_, rollout, part) => {
    expect((await apply(rollout)).join('\n')).toContain(part);
  });

  it('says nothing when the spec stays as it is', async () => {
    await apply(rolloutOf([success(1)]));
    expect(await policy.writes.patch('support', [{ op: 'add', path: '/metadata/annotations', value: { note: 'seen' } }])).toEqual([]);
  });

  it.each([[0.5, 10, 1], [1, 10, 1], [2, 5, 1], [1, 50, 1], [0.7, 30, 2]])('counts as the operator does: %d points, weight %i, factor %i', async (points, weight, marginFactor) => {
    const steps = [{ weight, duration: '1m', marginFactor }, { weight, duration: '1m' }];
    const rollout = rolloutOf([success(points)], { steps, maxDuration: '5m' });
    const [warning] = await apply(rollout);
    const expected = forecastOf({ ...rollout, steps: [{ weight, duration: '1m' }], gates: { objectives: [success(points * marginFactor)], minDuration: '0s' } }).objectives[0]?.requests ?? Number.NaN;
    expect(neededIn(warning) / expected).toBeGreaterThan(0.97);
    expect(neededIn(warning) / expected).toBeLessThan(1.03);
  });

  it.each([[0, 0.25, 50, 5], [0.07, 0.3, 50, 5], [0.07, 0.3, 50, 1], [0.07, 1, 75, 20], [5, 0.3, 10, 0.5], [30, 2, 90, 5]])('also where stable fails rarely beside the margin, and with another risk: bad %d, margin %d, weight %d, risk %d', async (badPercent, points, weight, promoteWorsePercent) => {
    const rollout = rolloutOf([success(points)], { steps: [{ weight, duration: '1m' }], maxDuration: '2m', gates: { objectives: [success(points)], minDuration: '0s', risk: { promoteWorsePercent } } });
    const { forecast } = openGate({ rollout, requestTimeoutMs: 1_000, elapsedMs: 0 }, { ...past, requests: 360_000, bad: Math.round(badPercent * 3_600), podMilliseconds: 100 * past.podMilliseconds }, Date.parse('2026-11-22T10:00:00Z'));
    await tell(forecast === undefined ? {} : { forecast });
    const [warning] = await apply(rollout);
    const expected = forecast?.objectives[0]?.requests ?? Number.NaN;
    expect(neededIn(warning) / expected).toBeGreaterThan(0.97);
    expect(neededIn(warning) / expected).toBeLessThan(1.03);
    await tell({ forecast: forecastOf(rolloutOf([success(2), { name: 'tools', toolErrors: {}, role: 'Gate' }])) });
  });

  it('a cost that the traffic cannot decide is warned of with the smallest margin that it can, while what that depends on stays', async () => {
    const cost = (maxIncreasePercent: number): Objective => ({ name: 'cost', role: 'Gate', cost: { maxIncreasePercent } });
    const edges = [0.001, 0.002, 0.005, 0.01, 0.02];
    const costBuckets = [...edges.map((le, index) => ({ le, count: (past.requests * (index + 1)) / 5 })), { le: -1, count: past.requests }];
    const { forecast } = openGate({ rollout: rolloutOf([cost(20)]), requestTimeoutMs: 1_000, elapsedMs: 0 }, { ...past, costBuckets, costDollars: past.requests * 0.006 }, Date.parse('2026-11-22T10:00:00Z'));
    const smallest = forecast?.objectives[0]?.smallestMarginPoints ?? Number.NaN;
    expect(smallest).toBeGreaterThan(1);
    /** From a gate of 500 % that the operator has looked at, or of which it has not seen the last edit. */
    const after = async (rollout: RolloutSpec, seen: 'Seen' | 'NotSeen' = 'Seen') => {
      await apply(rolloutOf([cost(500)]));
      const { metadata } = await policy.cluster.admin.get(agentDeployments, { namespace: policy.namespace, name: 'support' }, call);
      await tell({ observedGeneration: (metadata.generation ?? 0) - (seen === 'Seen' ? 0 : 1), ...(forecast === undefined ? {} : { forecast }) });
      return await apply(rollout);
    };
    const narrow = rolloutOf([cost(1)]);
    expect((await after(narrow)).join()).toContain(`cost with a margin of 1 % cannot be decided within 1h: the smallest margin that can is ${smallest} %`);
    expect(await after(rolloutOf([cost(smallest + 1)]))).toEqual([]);
    expect(await after(rolloutOf([{ ...cost(1), role: 'Guard' }]))).toEqual([]);
    expect(await after({ ...narrow, maxDuration: '2h' })).toEqual([]);
    expect(await after({ ...narrow, steps: [{ weight: 50, duration: '1m' }] })).toEqual([]);
    expect(await after(rolloutOf([cost(1)], { gates: { objectives: [cost(1)], minDuration: '0s', risk: { promoteWorsePercent: 20 } } }))).toEqual([]);
    expect(await after(rolloutOf([cost(1)], { gates: { objectives: [cost(1)], minDuration: '0s', designEffect: 2 } }))).toEqual([]);
    expect(await after(narrow, 'NotSeen')).toEqual([]);
    await tell({ forecast: forecastOf(rolloutOf([success(2), { name: 'tools', toolErrors: {}, role: 'Gate' }])) });
  });

  it('the largest rollout is within what an expression may cost the API server: what is out of reach is told, as far as there is room', async () => {
    const objectives = Array.from({ length: 8 }, (_, index): Objective => ({ name: `tools-${index}-${'x'.repeat(20)}`, role: 'Gate', toolErrors: { maxRisePoints: 1 } }));
    const steps = Array.from({ length: 20 }, (_, index) => ({ weight: index + 1, duration: '1m', marginFactor: 1 + (19 - index) / 100 }));
    const known = forecastOf(rolloutOf([success(2)]));
    await tell({ forecast: { ...known, objectives: objectives.map(({ name }) => ({ name, reachable: 'Yes', badPercent: 2 })) } });
    const [warning = ''] = await apply(rolloutOf(objectives, { steps }));
    expect(warning).toContain(`tools-0-${'x'.repeat(20)} with a margin of 1.19 points needs about`);
    await tell({ forecast: forecastOf(rolloutOf([success(2), { name: 'tools', toolErrors: {}, role: 'Gate' }])) });
  });

  it('a margin that is not written is the one that the operator takes', async () => {
    const steps = [{ weight: 10, duration: '1m' }];
    const unwritten = rolloutOf([{ name: 'success', successRate: {} }], { steps, maxDuration: '5m' });
    expect((await apply(unwritten)).join()).toContain('success with a margin of 2 points');
    const known = await policy.cluster.admin.get(agentDeployments, { namespace: policy.namespace, name: 'support' }, call);
    const forecast = forecastOf(rolloutOf([success(2)]));
    await policy.cluster.admin.replaceStatus(agentDeployments, { ...known, status: { phase: 'Healthy', forecast: { ...forecast, objectives: forecast.objectives.map((each) => ({ ...each, marginPoints: 1 })) } } }, call);
    expect((await apply({ ...unwritten, maxDuration: '6m' })).join()).toContain('success with a margin of 1 points');
  });
});
