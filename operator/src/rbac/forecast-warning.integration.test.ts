import type { AgentDeployment, Objective, PastCounts, RolloutSpec } from '@sluice/crds';
import { Agent, request } from 'undici';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openGate } from '../gates/release-gate/index.ts';
import { install } from '../integration/chart-objects.ts';
import { agent } from '../integration/manifests.ts';
import { renderFor } from '../integration/rendered-chart.ts';
import { call, TestCluster } from '../integration/test-cluster.ts';
import { until } from '../integration/until.ts';
import { agentDeployments } from '../resources.ts';

let cluster: TestCluster;
let namespace: string;
let dispatcher: Agent;
let uninstall: () => Promise<void>;

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
  cluster = await TestCluster.connect(process.env);
  namespace = await cluster.namespace('forecast');
  const { ca } = await cluster.connection.trust();
  const { certificate } = await cluster.connection.credentials.current(call);
  dispatcher = new Agent({ connect: { ...(ca === undefined ? {} : { ca }), ...(certificate === undefined ? {} : { cert: certificate.cert, key: certificate.key }) } });
  const rendered = await renderFor({ namespace, kubeVersion: '1.36.0' }, `watchNamespaces=["${namespace}"]`);
  uninstall = await install(cluster, rendered.filter(({ metadata }) => metadata.name.endsWith('-forecast')), ['ValidatingAdmissionPolicy', 'ValidatingAdmissionPolicyBinding']);
  const support = agent({ route: { parentRefs: [{ name: 'gateway' }], pathPrefix: '/' } });
  await cluster.admin.create(agentDeployments, { ...support, metadata: { name: 'support', namespace } } as AgentDeployment, call);
  const known = await cluster.admin.get(agentDeployments, { namespace, name: 'support' }, call);
  await cluster.admin.replaceStatus(agentDeployments, { ...known, status: { phase: 'Healthy', forecast: forecastOf(rolloutOf([success(2), { name: 'tools', toolErrors: {}, role: 'Gate' }])) } }, call);
  // Only what changes the spec is looked at.
  let probes = 0;
  await until('the policy is in force', () => apply(rolloutOf([success(0.1 + (probes += 1) / 1000)])), (warnings) => warnings.length > 0);
});

afterAll(async () => {
  await uninstall?.();
  await dispatcher?.close();
  await cluster?.close();
});

/** The warnings that a user sees who applies the rollout; the change is made. */
function apply(rollout: RolloutSpec): Promise<string[]> {
  return patched([{ op: 'add', path: '/spec/rollout', value: rollout }]);
}

async function patched(changes: readonly object[]): Promise<string[]> {
  const credential = await cluster.connection.credentials.current(call);
  const { statusCode, headers, body } = await request(`${cluster.connection.server}/apis/sluice.dev/v1alpha1/namespaces/${namespace}/agentdeployments/support`, {
    dispatcher, method: 'PATCH', body: JSON.stringify(changes), signal: AbortSignal.timeout(20_000),
    headers: { 'content-type': 'application/json-patch+json', ...(credential.authorization === undefined ? {} : { authorization: credential.authorization }) },
  });
  const text = await body.text();
  expect(`${statusCode}${statusCode === 200 ? '' : text}`).toBe('200');
  return [headers['warning'] ?? []].flat().flatMap((header) => [...header.matchAll(/299 - "((?:[^"\\]|\\.)*)"/g)].map(([, sentence = '']) => sentence));
}

function neededIn(warning: string | undefined): number {
  return Number(/needs about (\d+) requests/.exec(warning ?? '')?.[1]);
}

describe('a step whose traffic cannot come to a verdict is warned about at kubectl apply', () => {
  it('with the requests that are needed, those that come, and what to do; the change is accepted', async () => {
    const [warning, ...more] = await apply(rolloutOf([success(1)]));
    expect(more).toEqual([]);
    expect(warning).toContain(`with the traffic of today (${requestsPerMinute} requests a minute) a step cannot come to a verdict: success with a margin of 1 points needs about`);
    expect(warning).toContain('10 % of the traffic brings 360 within 1h');
    expect(warning).toContain('widen the margin, or raise maxDuration, the weight or marginFactor of the step');
    const { spec } = await cluster.admin.get(agentDeployments, { namespace, name: 'support' }, call);
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
    expect(await patched([{ op: 'add', path: '/metadata/annotations', value: { note: 'seen' } }])).toEqual([]);
  });

  it.each([[0.5, 10, 1], [1, 10, 1], [2, 5, 1], [1, 50, 1], [0.7, 30, 2]])('counts as the operator does: %d points, weight %i, factor %i', async (points, weight, marginFactor) => {
    const steps = [{ weight, duration: '1m', marginFactor }, { weight, duration: '1m' }];
    const rollout = rolloutOf([success(points)], { steps, maxDuration: '5m' });
    const [warning] = await apply(rollout);
    const expected = forecastOf({ ...rollout, steps: [{ weight, duration: '1m' }], gates: { objectives: [success(points * marginFactor)], minDuration: '0s' } }).objectives[0]?.requests ?? Number.NaN;
    expect(neededIn(warning) / expected).toBeGreaterThan(0.8);
    expect(neededIn(warning) / expected).toBeLessThan(1.25);
  });

  it('a margin that is not written is the one that the operator takes', async () => {
    const steps = [{ weight: 10, duration: '1m' }];
    const unwritten = rolloutOf([{ name: 'success', successRate: {} }], { steps, maxDuration: '5m' });
    expect((await apply(unwritten)).join()).toContain('success with a margin of 2 points');
    const known = await cluster.admin.get(agentDeployments, { namespace, name: 'support' }, call);
    const forecast = forecastOf(rolloutOf([success(2)]));
    await cluster.admin.replaceStatus(agentDeployments, { ...known, status: { phase: 'Healthy', forecast: { ...forecast, objectives: forecast.objectives.map((each) => ({ ...each, marginPoints: 1 })) } } }, call);
    expect((await apply({ ...unwritten, maxDuration: '6m' })).join()).toContain('success with a margin of 1 points');
  });
});
