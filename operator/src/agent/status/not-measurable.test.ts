import type { EvalRun, ModelProvider } from '@sluice/crds';
import { describe, expect, it } from 'vitest';
import { releaseIn, twoSteps } from '../../release/testing/observations.ts';
import { modelProviders } from '../../resources.ts';
import { sampleAgent, sampleProvider } from '../../revision/testing/sample-agent.ts';
import { readLedger } from '../ledger/releases.ts';
import { World } from '../testing/world.ts';
import { unmeasurableGates } from './not-measurable.ts';
import { conditionNotices } from './notices.ts';

const sentence = 'rollout.gates.source is Prometheus, and the operator was given none';
/** For hours of looks on a busy machine, milliseconds. */
const patience = 60_000;

async function live(world: World, rounds: number): Promise<void> {
  for (let round = 0; round < rounds; round += 1) {
    await world.reconcile();
    world.pass(5_000);
  }
}

const warning = (world: World) => world.agent.status?.conditions?.find(({ type }) => type === 'GateNotMeasurable');

it('a source that is not there holds a release before its suites run and its pods start, and it goes on when it is', { timeout: patience }, async () => {
  const world = new World();
  world.ask('good 1');
  await live(world, 40);
  const pods = world.deployments.length;
  world.metricsMissing = sentence;
  await live(world, 1);
  expect(world.agent.status?.phase).toBe('Healthy');
  expect(warning(world)).toMatchObject({ status: 'True', reason: 'NoPrometheus', message: `No release can be judged by its objectives: ${sentence}` });

  world.ask('good 2');
  await live(world, 800);
  const [, second] = world.releases;
  expect(second?.status).toMatchObject({ phase: 'Held', reason: 'MetricsMissing', stop: { phase: 'Preparing' } });
  expect(world.deployments).toHaveLength(pods);
  expect((world.cluster.list('EvalRun') as EvalRun[]).filter(({ spec }) => spec.release === 'support-2')).toEqual([]);
  const { phase, message = '', conditions = [] } = world.agent.status ?? {};
  expect([phase, message.split(sentence).length - 1]).toEqual(['Degraded', 1]);
  expect(conditions.find(({ type }) => type === 'Stalled')).toMatchObject({ status: 'True', reason: 'NoPrometheus' });
  expect(warning(world), 'the release has told it').toBeUndefined();

  world.metricsMissing = undefined;
  await live(world, 100);
  expect(world.agent.status).toMatchObject({ phase: 'Healthy', release: { name: 'support-2', phase: 'Promoted' } });
});

it('a first release is judged by no objective, so it is not held, and told that the next one will be', async () => {
  const world = new World();
  world.metricsMissing = sentence;
  world.ask('good 1');
  await live(world, 40);
  expect(world.agent.status).toMatchObject({ phase: 'Healthy', release: { phase: 'Promoted' } });
  expect(warning(world)).toMatchObject({ reason: 'NoPrometheus' });
});

it('a source that goes away in a step holds the release with the traffic it has', { timeout: patience }, async () => {
  const world = new World({ steps: [{ weight: 50, duration: '30m' }], rollout: { maxDuration: '2h' } });
  world.ask('good 1');
  await live(world, 40);
  world.ask('good 2');
  await live(world, 20);
  expect(world.releases[1]?.status).toMatchObject({ phase: 'Shifting', weight: 50 });
  world.metricsMissing = sentence;
  await live(world, 5);
  expect(world.releases[1]?.status).toMatchObject({ phase: 'Held', weight: 50, stop: { phase: 'Shifting' } });
  world.metricsMissing = undefined;
  await live(world, 2);
  expect(world.releases[1]?.status).toMatchObject({ phase: 'Shifting', weight: 50 });
});

it('an objective of cost without a price is a warning from the first release on, until the ModelProvider names one', { timeout: patience }, async () => {
  const world = new World({ rollout: { gates: { objectives: [{ name: 'success', successRate: { minPercent: 99 } }, { name: 'x-price', cost: {} }], interval: '10s', minDuration: '0s' } } });
  const provider = { ...sampleProvider(), metadata: { ...sampleProvider().metadata, namespace: 'demo' } };
  const price = (model: string) => ({ model, inputDollarsPerMillionTokens: 1, outputDollarsPerMillionTokens: 2 });
  world.cluster.put(modelProviders, { ...provider, spec: { ...provider.spec, prices: [price('other')] } } as ModelProvider);
  world.ask('good 1');
  await live(world, 1);
  const { name } = world.agent.spec.agent.model;
  await live(world, 5);
  expect(warning(world)).toMatchObject({ reason: 'NoPrice', message: `"x-price" cannot be measured and guards nothing: ModelProvider "${provider.metadata.name}" names no price of model "${name}" (spec.agent.model.name); add it to its spec.prices, it names those of "other"` });
  world.cluster.put(modelProviders, { ...provider, spec: { ...provider.spec, prices: [price('other'), price(name)] } } as ModelProvider);
  await live(world, 2);
  expect(warning(world)).toBeUndefined();
});

describe('a guard whose metric does not exist', () => {
  const refunds = { name: 'refunds', counter: { bad: { metric: 'refnds_failed_total' }, total: { metric: 'refunds_total' } } };
  const gates = { objectives: [{ name: 'success', successRate: { minPercent: 99 } }, refunds], interval: '10s', minDuration: '0s' };
  const problem = { objective: 'refunds', reason: 'there is no metric refnds_failed_total (2 pods)', field: 'counter.bad.metric' };
  const says = '"refunds" cannot be measured and guards nothing: there is no metric refnds_failed_total (2 pods), though its pods answer and have served requests; correct spec.rollout.gates.objectives[1].counter.bad.metric, or let the program tell it as 0 from its start';

  it('is a warning in the first step of the release, until it is counted, with an event', { timeout: patience }, async () => {
    const world = new World({ steps: [{ weight: 50, duration: '30m' }], rollout: { maxDuration: '2h', gates } });
    world.ask('good 1');
    await live(world, 40);
    world.uncounted = [problem];
    world.ask('good 2');
    await live(world, 20);
    expect(world.releases[1]?.status).toMatchObject({ phase: 'Shifting' });
    expect(warning(world)).toMatchObject({ status: 'True', reason: 'NotCounted', message: says });
    expect(conditionNotices({ ...world.agent, status: { conditions: [] } }, world.agent.status ?? {}), 'an event').toContainEqual({ type: 'Warning', reason: 'GateNotMeasurable', message: says });
    world.uncounted = [];
    await live(world, 2);
    expect(warning(world)).toBeUndefined();
  });
});

describe('what counts nothing, by what was seen last', () => {
  const refunds = { name: 'refunds', counter: { bad: { metric: 'refnds_total' }, total: { metric: 'refunds_total' } } };
  const price = { name: 'price', cost: {} };
  const uncounted = [{ objective: 'refunds', reason: 'there is no metric refnds_total' }];
  const none = { requests: 0, bad: 0, latencyBuckets: [] };
  const evidence = (change: object = {}) => ({ since: '', missedScrapes: 0, stable: none, canary: { ...none, requests: 9 }, problems: uncounted, ...change });
  const now = Date.parse('2026-01-01T03:00:00Z');
  const reading = { past: { ...none, requests: 9, pods: 1, podMilliseconds: 1 } };
  const rollout = { steps: [{ weight: 20, duration: '1m' }], gates: { objectives: [refunds, price] }, maxDuration: '1h', progressDeadline: '5m', holdLimit: '24h', onSecretChange: 'Restart' as const, historyLimit: 10 };
  const forecast = (at: string) => ({ at, message: 'm', objectives: [], uncounted });
  const before = '2026-01-01T00:00:00Z';
  const after = '2026-01-01T02:00:00Z';

  function told({ latest, seen = {}, status = {} }: { readonly latest: object; readonly seen?: object; readonly status?: object }): readonly { readonly reason: string; readonly message: string }[] {
    const sample = releaseIn(latest, { ...twoSteps, gates: { objectives: [refunds, price] } });
    const agent = { ...sampleAgent({ spec: { rollout } }), status };
    return unmeasurableGates({ agent, now, ...seen }, readLedger([sample]));
  }

  it.each<readonly [string, Parameters<typeof told>[0], readonly string[]]>([
    ['the pods that serve, in this look', { latest: { phase: 'Promoted' }, seen: { stableReading: { ...reading, uncounted } } }, ['NotCounted']],
    ['the pods that serve, some time ago', { latest: { phase: 'Promoted' }, status: { forecast: forecast(after) } }, ['NotCounted']],
    ['the pods that serve, though it was told before', { latest: { phase: 'Promoted' }, seen: { stableReading: reading }, status: { forecast: forecast(after) } }, []],
    ['the release on its way', { latest: { phase: 'Shifting' }, seen: { evidence: evidence() } }, ['NotCounted']],
    ['the release on its way, as it was stored', { latest: { phase: 'Promoting', evidence: evidence() } }, ['NotCounted']],
    ['the release on its way, which is younger than the forecast', { latest: { phase: 'Shifting' }, seen: { evidence: evidence({ problems: [] }) }, status: { forecast: forecast(after) } }, []],
    ['the release that has just brought what serves', { latest: { phase: 'Promoted', finishedAt: '2026-01-01T01:00:00Z', evidence: evidence() }, status: { forecast: forecast(before) } }, ['NotCounted']],
    ['the same, where it mended that', { latest: { phase: 'Promoted', finishedAt: '2026-01-01T01:00:00Z', evidence: evidence({ problems: [] }) }, status: { forecast: forecast(before) } }, []],
  ])('is told by %s', (_name, seen, reasons) => {
    expect(told(seen).map(({ reason }) => reason)).toEqual(reasons);
  });

  it('is one warning with what has no price, which is told once', () => {
    const seen = { unpriced: { provider: 'p', model: 'm', priced: [] }, stableReading: { ...reading, uncounted: [...uncounted, { objective: 'price', reason: 'there is no metric sluice_request_cost_dollars' }] } };
    const [only, ...others] = told({ latest: { phase: 'Promoted' }, seen });
    expect(others).toEqual([]);
    expect(only).toMatchObject({ reason: 'NotCounted' });
    expect(only?.message).toMatch(/^"refunds" cannot be measured and guards nothing: there is no metric refnds_total, .*; "price" cannot be measured and guards nothing: ModelProvider "p" names no price/);
    expect(only?.message).not.toContain('sluice_request_cost_dollars');
  });

  it.each<readonly [string, object, string]>([
    ['the field that somebody has written', { field: 'counter.total.labels[0].name' }, 'spec.rollout.gates.objectives[0].counter.total.labels[0].name'],
    ['the objective where an operator before this one has told it', {}, 'spec.rollout.gates.objectives[0].counter'],
  ])('names %s', (_name, field, path) => {
    const [only] = told({ latest: { phase: 'Promoted' }, seen: { stableReading: { ...reading, uncounted: [{ ...uncounted[0], ...field }] } } });
    expect(only?.message).toContain(`; correct ${path}, or let the program`);
  });

  it('can never be proven, where it is a gate', () => {
    const gate = { ...refunds, role: 'Gate' as const };
    const agent = sampleAgent({ spec: { rollout: { ...rollout, gates: { objectives: [gate] } } } });
    const [only] = unmeasurableGates({ agent, now, stableReading: { ...reading, uncounted } }, readLedger([releaseIn({ phase: 'Promoted' })]));
    expect(only?.message).toContain('"refunds" cannot be measured and can never be proven: ');
  });
});
