import type { EvalRun, ModelProvider } from '@sluice/crds';
import { expect, it } from 'vitest';
import { modelProviders } from '../../resources.ts';
import { sampleProvider } from '../../revision/testing/sample-agent.ts';
import { World } from '../testing/world.ts';

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
