import type { AgentDeployment, Release } from '@sluice/crds';
import { type Deployment, deployments, services } from '@sluice/kube';
import { describe, expect, it } from 'vitest';
import { agentDeployments } from '../resources.ts';
import { expectSameEndWhereverItDies } from './testing/deaths.ts';
import type { CrashPoint } from './testing/memory-cluster.ts';
import { World } from './testing/world.ts';

const key = { namespace: 'demo', name: 'support' };
const hour = 3_600_000;

function suspend(world: World, value: boolean): void {
  const { agent } = world;
  const changed: AgentDeployment = { ...agent, spec: { ...agent.spec, suspend: value } };
  world.cluster.put(agentDeployments, changed);
}

async function passes(world: World, count: number, ms: number): Promise<void> {
  for (let round = 0; round < count; round += 1) {
    await world.reconcile();
    world.pass(ms);
  }
}

function latest(world: World): Release {
  return (world.cluster.list('Release') as Release[]).toSorted((left, right) => left.metadata.name.localeCompare(right.metadata.name)).at(-1) as Release;
}

async function until(world: World, holds: () => boolean): Promise<void> {
  for (let round = 0; round < 300; round += 1) {
    if (holds()) return;
    await world.reconcile();
    world.pass(5_000);
  }
  throw new Error(`did not happen: ${JSON.stringify(world.agent.status)} ${JSON.stringify(latest(world).status)}`);
}

/** A world whose second release is in its first step. */
async function shifting(): Promise<World> {
  const world = new World();
  world.ask('good 1');
  await until(world, () => world.agent.status?.phase === 'Healthy');
  world.ask('good 2');
  await until(world, () => latest(world).status?.stepStartedAt !== undefined);
  return world;
}

function condition(world: World, type: string): string | undefined {
  return world.agent.status?.conditions?.find((each) => each.type === type)?.status;
}

describe('a suspended agent', { timeout: 300_000 }, () => {
  it('is not touched: only its own status is written, and edits made by hand stay', async () => {
    const world = await shifting();
    suspend(world, true);
    const written = new Set<string>();
    world.cluster.onWrite = (verb, { kind }) => written.add(`${verb} ${kind}`);
    await world.reconcile();
    const [first] = world.deployments;
    const edited: Deployment = { ...first!, spec: { ...first!.spec, replicas: 7 } };
    world.cluster.put(deployments, edited);
    world.cluster.remove(services, key);
    await passes(world, 20, 60_000);
    expect([...written]).toEqual(['status AgentDeployment']);
    expect(world.deployments.map(({ spec }) => spec.replicas)).toContain(7);
    expect(world.cluster.find(services, key)).toBeUndefined();
    expect(world.agent.status).toMatchObject({ phase: 'Suspended', observedGeneration: world.agent.metadata.generation });
    expect(world.agent.status?.message).toContain('The operator touches nothing of this agent until spec.suspend is false');
    expect(['Suspended', 'Ready', 'Reconciling', 'Stalled'].map((type) => condition(world, type))).toEqual(['True', 'False', 'False', 'True']);
  });

  it('is Ready where what serves is what the spec asks for', async () => {
    const world = new World();
    world.ask('good 1');
    await until(world, () => world.agent.status?.phase === 'Healthy');
    suspend(world, true);
    await passes(world, 2, 1_000);
    expect(['Suspended', 'Ready', 'Reconciling', 'Stalled'].map((type) => condition(world, type))).toEqual(['True', 'True', 'False', 'False']);
    world.ask('good 2');
    suspend(world, true);
    await passes(world, 2, 1_000);
    expect(world.cluster.list('Release'), 'a new spec begins nothing').toHaveLength(1);
    expect(condition(world, 'Ready')).toBe('False');
  });

  it('that never ran has a status and nothing else', async () => {
    const world = new World();
    world.ask('good 1');
    suspend(world, true);
    await passes(world, 3, 1_000);
    expect(world.agent.status?.phase).toBe('Suspended');
    expect(['Release', 'Deployment', 'Service', 'ConfigMap'].flatMap((kind) => world.cluster.list(kind))).toEqual([]);
  });

  it('goes on where it stood: the time counts neither as progress nor for a deadline, and what was edited is put right', async () => {
    const world = await shifting();
    const before = latest(world).status!;
    suspend(world, true);
    await world.reconcile();
    world.cluster.remove(services, key);
    world.pass(10 * hour); // far beyond maxDuration, progressDeadline and the time of the step
    await world.reconcile();
    suspend(world, false);
    await until(world, () => latest(world).status?.phase === 'Shifting' && condition(world, 'Suspended') === undefined);
    const after = latest(world).status!;
    expect(after.step).toBe(before.step);
    expect(Date.parse(after.stepStartedAt!) - Date.parse(before.stepStartedAt!)).toBeGreaterThanOrEqual(10 * hour);
    expect(after.durations?.heldMilliseconds).toBeGreaterThanOrEqual(10 * hour);
    await until(world, () => world.agent.status?.phase === 'Healthy');
    expect(latest(world).status).toMatchObject({ phase: 'Promoted', completion: 'Promoted' });
    expect(world.cluster.find(services, key)).toBeDefined();
  });

  it('resumes to the same state wherever the operator dies meanwhile', async () => {
    const tell = async (crash?: CrashPoint) => {
      const world = await shifting();
      const begin = world.cluster.writes;
      if (crash !== undefined) world.cluster.crashAt = { write: begin + crash.write, when: crash.when };
      suspend(world, true);
      await passes(world, 3, 0);
      world.pass(hour);
      suspend(world, false);
      await passes(world, 6, 0);
      const writes = world.cluster.writes - begin;
      await until(world, () => world.agent.status?.phase === 'Healthy');
      const { status } = latest(world);
      return { writes, end: { phase: status?.phase, held: status?.durations?.heldMilliseconds, transitions: status?.transitions?.map(({ phase, reason }) => `${phase} ${reason}`) } };
    };
    const uninterrupted = await expectSameEndWhereverItDies(tell);
    expect(uninterrupted.writes).toBeGreaterThan(3);
    expect(uninterrupted.end.held).toBe(hour);
  });
});
