import { beyondEdges, type GateForecast, type GatesSpec, type Objective } from '@sluice/crds';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { agent } from '../integration/manifests.ts';
import { call } from '../integration/test-cluster.ts';
import { installWarningPolicy, type WarningPolicy } from '../integration/warning-policy.ts';
import { agentDeployments } from '../resources.ts';

let policy: WarningPolicy;
let names = 0;

beforeAll(async () => {
  policy = await installWarningPolicy('objectives');
  await policy.inForce(() => created([bound(90_000)]));
});

afterAll(async () => {
  await policy?.close();
});

const bound = (maxMilliseconds: number): Objective => ({ name: 'p95', latency: { percentile: 95, maxMilliseconds } });
const cost = (maxIncreasePercent: number, role: Objective['role'] = 'Gate'): Objective => ({ name: 'dollars', role, cost: { maxIncreasePercent } });

function rolloutOf(objectives: readonly Objective[], gates: Partial<GatesSpec> = {}): object {
  return { steps: [{ weight: 10, duration: '1m' }], gates: { objectives, ...gates } };
}

/** The warnings that a user sees who creates an agent with these objectives. */
async function created(objectives: readonly Objective[], gates: Partial<GatesSpec> = {}): Promise<string[]> {
  const small = agent({ route: { parentRefs: [{ name: 'gateway' }], pathPrefix: '/' } });
  return await policy.writes.create({ ...small, metadata: { name: `a${(names += 1)}` }, spec: { ...small.spec, rollout: rolloutOf(objectives, gates) } });
}

it('a latency beyond what the pods count is warned of at kubectl apply, with what to write, and taken all the same', async () => {
  const [warning, ...more] = await created([bound(90_000), { name: 'p50', latency: { percentile: 50, maxMilliseconds: 1_000 } }]);
  expect(more).toEqual([]);
  expect(warning).toContain(`latency.maxMilliseconds of p95 (90000): ${beyondEdges(60_000)}`);
  expect(await policy.writes.merge(`a${names}`, { metadata: { annotations: { note: 'seen' } } })).toEqual([]);
  expect((await policy.writes.merge(`a${names}`, { spec: { replicas: 3 } })).join()).toContain('p95 (90000)');
  expect(await policy.writes.merge(`a${names}`, { spec: { rollout: rolloutOf([bound(60_000)]) } })).toEqual([]);
});

it.each<[string, readonly Objective[], Partial<GatesSpec>, string]>([
  ['of a few percent, as a gate', [cost(2)], {}, 'dollars (2 %) needs more than 2900 requests of the new revision, even where all of them cost the same: write 5 or more'],
  ['of less than a percent', [cost(0.5)], {}, 'dollars (0.5 %) needs more than 11600 requests of the new revision'],
  ['at the risk that is usual', [cost(2)], { risk: { promoteWorsePercent: 5 } }, 'dollars (2 %) needs more than 2900 requests'],
  ['at another risk, whose number is not told', [cost(2)], { risk: { promoteWorsePercent: 20 } }, 'cost.maxIncreasePercent of a gate is narrow: dollars (2 %): write 5 or more'],
])('a margin of a cost %s, is warned of', async (_, objectives, gates, part) => {
  expect((await created(objectives, gates)).join()).toContain(part);
});

it.each<[string, readonly Objective[]]>([
  ['a cost wide enough', [cost(5)]],
  ['a cost without a margin', [{ name: 'dollars', role: 'Gate', cost: {} }]],
  ['a guard, which nobody waits for', [cost(1, 'Guard')]],
  ['a bound that is measured', [bound(60_000)]],
  ['a latency without a bound', [{ name: 'p95', latency: { percentile: 95 } }]],
])('nothing is said of %s', async (_, objectives) => {
  expect(await created(objectives)).toEqual([]);
});

it('where the forecast knows the smallest margin of a cost, it is the forecast that warns', async () => {
  await created([cost(5)]);
  const name = `a${names}`;
  const forecast: GateForecast = { at: '2026-11-22T10:00:00Z', summary: 'x', message: 'x', objectives: [{ name: 'dollars', reachable: 'Yes', smallestMarginPoints: 1.5 }] };
  const known = await policy.cluster.admin.get(agentDeployments, { namespace: policy.namespace, name }, call);
  await policy.cluster.admin.replaceStatus(agentDeployments, { ...known, status: { phase: 'Healthy', forecast } }, call);
  expect(await policy.writes.merge(name, { spec: { rollout: rolloutOf([cost(2)]) } })).toEqual([]);
  expect((await policy.writes.merge(name, { spec: { rollout: rolloutOf([{ ...cost(2), name: 'other' }]) } })).join()).toContain('other (2 %)');
});

it('the largest rollout is within what an expression may cost the API server: both warnings still come', async () => {
  const many = (kind: (index: number) => Objective) => Array.from({ length: 4 }, (_, index) => ({ ...kind(index), name: `objective-${index}-${kind(index).cost === undefined ? 'slow' : 'dear'}` }));
  const warnings = await created([...many(() => bound(61_000)), ...many(() => cost(1))]);
  expect(warnings).toHaveLength(2);
  expect(warnings.join()).toContain('objective-3-slow (61000)');
  expect(warnings.join()).toContain('objective-3-dear (1 %)');
});
