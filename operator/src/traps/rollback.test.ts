import type { Release } from '@sluice/crds';
import { describe, expect, it } from 'vitest';
import { World, capacity } from '../agent/testing/world.ts';
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
    world.ask('ill 2');
    for (let round = 0; round < 12 && world.agent.status?.release?.phase !== 'Shifting'; round += 1) {
      await world.reconcile();
      world.pass(2_000);
    }
    const served = () => world.deployments.reduce((sum, { status }) => sum + (status?.readyReplicas ?? 0), 0);
    for (let round = 0; round < 40; round += 1) {
      await world.reconcile();
      world.pass(2_000);
      expect(served()).toBeGreaterThanOrEqual(capacity);
    }
  });

  it('Kruise: whatever is interrupted in a rollback is taken up where it stood (status.finalisingStep)', async () => {
    const uninterrupted = new World();
    const crashed = new World();
    for (const world of [uninterrupted, crashed]) {
      for (const prompt of ['good 1', 'ill 2']) {
        world.ask(prompt);
        if (world === crashed) world.cluster.crashAt = { write: world.cluster.writes + 9, when: 'after' };
        await settle(world);
      }
    }
    const ends = [uninterrupted, crashed].map((world) => releasesOf(world).map(({ spec, status }) => `${spec.revision} ${status?.completion} ${status?.reason}`));
    expect(ends[1]).toEqual(ends[0]);
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
