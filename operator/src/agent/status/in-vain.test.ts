import type { EvalRun, EvalSuite, ModelProvider } from '@sluice/crds';
import { describe, expect, it } from 'vitest';
import { providerDigest } from '../../evaluation/index.ts';
import { evalRuns, evalSuites, modelProviders } from '../../resources.ts';
import { sampleProvider } from '../../revision/testing/sample-agent.ts';
import { World } from '../testing/world.ts';

const cause = 'suite "golden" was not measured: container "agent" cannot start (ImagePullBackOff)';
/** For hours of looks on a busy machine, milliseconds. */
const patience = 60_000;

/** As long as `runs` is set, each evaluation comes to that in the look after it is made. */
async function live(world: World, rounds: number, runs?: NonNullable<EvalRun['status']>): Promise<void> {
  for (let round = 0; round < rounds; round += 1) {
    await world.reconcile();
    const made = (world.cluster.list('EvalRun') as EvalRun[]).filter(({ status }) => status?.phase === undefined);
    const at = new Date(world.now).toISOString();
    const status = runs?.phase === 'NotMeasured' ? { ...runs, finishedAt: at } : runs;
    if (status !== undefined) for (const run of made) world.cluster.put(evalRuns, { ...run, metadata: { ...run.metadata, creationTimestamp: at }, status });
    world.pass(5_000);
  }
}

function told({ agent }: World): unknown {
  const { phase, message, conditions = [] } = agent.status ?? {};
  const stalled = conditions.find(({ type }) => type === 'Stalled');
  return { phase, message, stalled: stalled?.status, reason: stalled?.reason };
}

describe('a first release that cannot mend itself', () => {
  it('is stalled after three runs that could not measure, and goes on at once when the suite is corrected', { timeout: patience }, async () => {
    const world = new World();
    world.ask('good 1');
    await live(world, 12, { phase: 'NotMeasured', message: cause });
    expect(world.agent.status?.phase).toBe('Progressing');
    await live(world, 20, { phase: 'NotMeasured', message: cause });
    expect(told(world)).toEqual({ phase: 'Degraded', stalled: 'True', reason: 'EvaluationStalled', message: `support-1: 3 runs could not measure suite "golden", and it is tried again by itself. Last: ${cause}` });
    const suite = world.cluster.find(evalSuites, { namespace: 'demo', name: 'golden' }) as EvalSuite;
    world.cluster.put(evalSuites, { ...suite, spec: { ...suite.spec, concurrency: 2 } } as EvalSuite);
    await live(world, 10);
    expect(world.agent.status).toMatchObject({ phase: 'Healthy', release: { name: 'support-1', phase: 'Promoted' } });
  });

  it('is stalled after one run where no other would measure, and pays for no other before the suite is corrected', { timeout: patience }, async () => {
    const world = new World();
    world.ask('good 1');
    const message = 'suite "golden" was not measured: budget.dollars (5) is used up';
    await live(world, 150, { phase: 'NotMeasured', reason: 'BudgetUsedUp', message });
    expect(told(world)).toEqual({ phase: 'Degraded', stalled: 'True', reason: 'EvaluationStalled', message: `support-1: ${message}` });
    expect(world.cluster.list('EvalRun')).toHaveLength(1);
    const suite = world.cluster.find(evalSuites, { namespace: 'demo', name: 'golden' }) as EvalSuite;
    world.cluster.put(evalSuites, { ...suite, spec: { ...suite.spec, budget: { dollars: 9 } } } as EvalSuite);
    await live(world, 10);
    expect(world.agent.status).toMatchObject({ phase: 'Healthy', release: { name: 'support-1', phase: 'Promoted' } });
  });

  it('tries what no other run would measure again when the ModelProvider is corrected', { timeout: patience }, async () => {
    const world = new World();
    world.ask('good 1');
    const provider = sampleProvider();
    const { name } = provider.metadata;
    await live(world, 20, { phase: 'NotMeasured', reason: 'NoPrice', message: 'no price', modelProvider: { name, digest: providerDigest(provider.spec) } });
    expect(world.cluster.list('EvalRun')).toHaveLength(1);
    world.cluster.put(modelProviders, { ...provider, metadata: { name, namespace: 'demo' }, spec: { ...provider.spec, prices: [{ model: 'judge-1', inputDollarsPerMillionTokens: 3, outputDollarsPerMillionTokens: 15 }] } } as ModelProvider);
    await live(world, 10);
    expect(world.agent.status).toMatchObject({ phase: 'Healthy', release: { name: 'support-1', phase: 'Promoted' } });
  });

  it('is stalled when a run waits for longer than progressDeadline, with what it waits for', { timeout: patience }, async () => {
    const world = new World();
    world.ask('good 1');
    const waiting = { phase: 'Pending' as const, message: 'suite "golden" waits: ConfigMap "nothere" does not exist' };
    await live(world, 20, waiting);
    expect(world.agent.status?.phase).toBe('Progressing');
    await live(world, 10, waiting);
    expect(told(world)).toMatchObject({ phase: 'Degraded', reason: 'EvaluationStalled', message: `support-1: ${waiting.message} (this has lasted for more than 2m)` });
  });

  it('is stalled when its suite does not exist for so long', { timeout: patience }, async () => {
    const world = new World();
    world.ask('good 1', 'goldn');
    await live(world, 30);
    expect(told(world)).toMatchObject({ phase: 'Degraded', reason: 'EvaluationStalled', message: 'support-1: EvalSuite "goldn" does not exist in this namespace; create it (this has lasted for more than 2m)' });
  });

  it('is stalled when its pods are not ready within progressDeadline, and serves when they are', { timeout: patience }, async () => {
    const world = new World({ rollout: { gates: {} } });
    world.ask('dead 1');
    await live(world, 20);
    expect(world.agent.status?.phase).toBe('Progressing');
    await live(world, 10);
    expect(told(world)).toMatchObject({ phase: 'Degraded', stalled: 'True', reason: 'PodsStalled', message: expect.stringContaining('support-1: its pods have not been ready for 2m, and it goes on by itself when they are') });
    world.ask('good 2');
    await live(world, 20);
    expect(world.agent.status).toMatchObject({ phase: 'Healthy', release: { name: 'support-2', phase: 'Promoted' } });
  });
});
