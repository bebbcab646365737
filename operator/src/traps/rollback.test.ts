import type { Release } from '@sluice/crds';
import { describe, expect, it } from 'vitest';
import type { CrashPoint } from '../agent/testing/memory-cluster.ts';
import { World } from '../agent/testing/world.ts';
import { rejectionOf, readLedger, wasPromoted } from '../agent/ledger/releases.ts';
import { agentDeployments } from '../resources.ts';
import { settle, releasesOf } from './testing/settle.ts';

function suspend(world: World, to: 'Suspended' | 'Active'): void {
  const { agent } = world;
  const suspended = { ...agent, spec: { ...agent.spec, suspend: to === 'Suspended' } };
  world.cluster.put(agentDeployments, suspended);
}

describe('3.5 Argo Rollouts, Flagger, Kruise: rolling back', () => {
  it('AR#3039: an aborted revision that is older than the stable one is not fast-tracked to 100 %', async () => {
    const world = new World();
    for (const prompt of ['good 1', 'ill 2', 'good 3', 'ill 2']) {
      world.ask(prompt);
      await settle(world);
    }
    const tried = releasesOf(world).map(({ spec, status }) => `${world.fateOf(spec.revision)} ${status?.completion}`);
    expect(tried).toEqual(['good Promoted', 'ill RolledBack', 'good Promoted']);
    expect(world.agent.status).toMatchObject({ phase: 'Degraded' });
  });

  it('only a digest that was promoted, and not taken back since, goes out without new proof', () => {
    const told = (name: string, revision: string, phase: NonNullable<Release['status']>['phase']) => ({ metadata: { name }, spec: { revision }, status: { phase } }) as unknown as Release;
    const ledger = readLedger([told('a-1', 'v1', 'Promoted'), told('a-2', 'v2', 'RolledBack'), told('a-3', 'v3', 'Promoted'), told('a-4', 'v1', 'Aborted')]);
    expect(['v1', 'v2', 'v3'].map((revision) => wasPromoted(revision, ledger))).toEqual([false, false, true]);
    expect(rejectionOf('v1', ledger)?.metadata.name).toBe('a-4');
  });

  it('a reused ReplicaSet with an old timestamp does not count as young: nothing depends on the age of an object', async () => {
    const world = new World();
    for (const prompt of ['good 1', 'good 2', 'good 1']) {
      world.ask(prompt);
      await settle(world);
      world.pass(40 * 24 * 3_600_000);
    }
    expect(releasesOf(world).map(({ status }) => status?.completion)).toEqual(['Promoted', 'Promoted', 'FastPromoted']);
  });

  it('Flagger: a rollback that finds the stable revision dead leaves the traffic where somebody serves', async () => {
    const world = new World();
    world.ask('good 1');
    await settle(world);
    const stable = world.agent.status?.stable?.revision ?? '';
    const canaryPods = () => world.deployments.find(({ metadata }) => metadata.name !== `support-${stable}`)?.spec.replicas ?? 0;
    world.ask('ill 2');
    for (let round = 0; round < 30 && releasesOf(world).at(-1)?.status?.stepStartedAt === undefined; round += 1) {
      await world.reconcile();
      world.pass(2_000);
    }
    const before = canaryPods();
    expect(before).toBeGreaterThan(0);
    for (let round = 0; round < 30; round += 1) {
      world.kill(stable);
      await world.reconcile();
      expect(canaryPods(), 'the only copy that answers is not taken away').toBeGreaterThanOrEqual(before);
      world.pass(2_000);
    }
    expect(releasesOf(world).at(-1)?.status).toMatchObject({ phase: 'RollingBack', reason: 'ObjectiveFailed' });
    await settle(world);
    expect(releasesOf(world).at(-1)?.status?.phase, 'and it goes back as soon as the other lives').toBe('RolledBack');
    expect(canaryPods()).toBe(0);
  });

  it('Kruise: whatever is interrupted in a rollback is taken up where it stood (status.finalisingStep)', async () => {
    const tell = async (crashAt?: CrashPoint) => {
      const world = new World();
      world.ask('good 1');
      await settle(world);
      world.ask('ill 2');
      world.cluster.crashAt = crashAt;
      let from = 0;
      for (let round = 0; round < 60 && releasesOf(world).at(-1)?.status?.reason !== 'ObjectiveFailed'; round += 1) {
        from = world.cluster.writes;
        await world.reconcile();
        world.pass(5_000);
      }
      await settle(world);
      const releases = releasesOf(world).map(({ spec, status }) => `${spec.revision} ${status?.completion} ${status?.reason}`);
      const pods = world.deployments.map(({ metadata, spec }) => `${metadata.name} ${spec.replicas ?? 1}`).toSorted();
      return { from, to: world.cluster.writes, end: { releases, pods, objects: world.cluster.names() } };
    };
    const { from, to, end } = await tell();
    expect(end.releases.at(-1)).toContain('RolledBack ObjectiveFailed');
    expect(to - from, 'the rollback is several writes').toBeGreaterThan(3);
    for (let write = from; write < to; write += 1) {
      for (const when of ['before', 'after'] as const) expect((await tell({ write, when })).end, `died ${when} write ${write - from} of ${to - from}`).toEqual(end);
    }
  });

  it('Kruise: a rollback and a suspension at once end in the rollback', async () => {
    const world = new World();
    world.ask('good 1');
    await settle(world);
    world.ask('ill 2');
    for (let round = 0; round < 30 && world.agent.status?.release?.phase !== 'RollingBack'; round += 1) {
      await world.reconcile();
      world.pass(3_000);
    }
    suspend(world, 'Suspended');
    for (let round = 0; round < 5; round += 1) {
      await world.reconcile();
      world.pass(60_000);
    }
    expect(world.agent.status?.phase).toBe('Suspended');
    suspend(world, 'Active');
    await settle(world);
    expect(releasesOf(world).at(-1)?.status).toMatchObject({ phase: 'RolledBack', reason: 'ObjectiveFailed' });
  });

  it('AR#2087: the reason of the end is a field, in the release and in the history of the agent', async () => {
    const world = new World();
    for (const prompt of ['good 1', 'ill 2']) {
      world.ask(prompt);
      await settle(world);
    }
    expect(releasesOf(world).at(-1)?.status).toMatchObject({ reason: 'ObjectiveFailed', completion: 'RolledBack' });
    expect(world.agent.status?.history?.[0]).toMatchObject({ verdict: 'RolledBack', reason: 'ObjectiveFailed' });
  });
});
