import { describe, expect, it } from 'vitest';
import { providerUnavailable } from '../../provider-watch/provider-standings.ts';
import { World } from '../testing/world.ts';

/** Reconciles so many times; whenever the agent looks finished, it must be with what its spec asks for. */
async function live(world: World, rounds: number): Promise<void> {
  for (let round = 0; round < rounds; round += 1) {
    await world.reconcile();
    const { phase, observedGeneration, revision, stable } = world.agent.status ?? {};
    if (phase === 'Healthy' && observedGeneration === world.agent.metadata.generation) expect(stable?.revision).toBe(revision);
    world.pass(5_000);
  }
}

it('never says Healthy of a spec whose release has not begun', async () => {
  const world = new World();
  world.ask('good 1');
  await live(world, 40);
  world.ask('good 2');
  // That it shifts is news that waits 20 s at most (status-pace.ts).
  await live(world, 12);
  expect(world.agent.status).toMatchObject({ phase: 'Progressing', release: { name: 'support-2', phase: 'Shifting' } });
  // In one pass the second release ends, and the third does not exist yet.
  world.ask('good 3');
  await live(world, 1);
  expect(world.agent.status).toMatchObject({ phase: 'Progressing', release: { name: 'support-2', phase: 'Superseded' } });
  await live(world, 40);
  expect(world.agent.status).toMatchObject({ phase: 'Healthy', release: { name: 'support-3', phase: 'Promoted' } });
});

describe('an agent whose model provider does not serve it', () => {
  const message = 'ModelProvider "anthropic" does not serve';
  const state = ({ agent: { status } }: World) => [status?.phase, status?.message, ...['Ready', 'Reconciling', 'Stalled', 'Available'].map((type) => status?.conditions?.find((each) => each.type === type)?.status)];

  async function cutOff(): Promise<World> {
    const world = new World();
    world.ask('good 1');
    await live(world, 40);
    expect(world.agent.status?.phase).toBe('Healthy');
    world.providerStandings.set(world.agent, world.agent.status?.stable?.revision ?? '', { kind: 'CutOff', message });
    await live(world, 1);
    return world;
  }

  it('is Degraded, though its pods are ready and no person has to correct its spec, until it is served again', async () => {
    const world = await cutOff();
    expect(state(world)).toEqual(['Degraded', message, 'False', 'False', 'False', 'True']);
    expect(world.agent.status?.conditions?.find(({ type }) => type === 'Ready')?.reason).toBe(providerUnavailable);
    world.providerStandings.set(world.agent, world.agent.status?.stable?.revision ?? '', { kind: 'Reached' });
    await live(world, 1);
    expect(state(world)).toEqual(['Healthy', expect.stringContaining('serves all the traffic'), 'True', 'False', 'False', 'True']);
  });

  it('stays Degraded when the operator begins anew, and its status is not written for that', async () => {
    const world = await cutOff();
    const { resourceVersion } = world.agent.metadata;
    world.restart();
    await live(world, 3);
    expect([world.agent.metadata.resourceVersion, world.agent.status?.phase]).toEqual([resourceVersion, 'Degraded']);
  });

  it('releases a change of it all the same: what comes may be what mends it', async () => {
    const world = await cutOff();
    world.ask('good 2');
    await live(world, 2);
    expect(world.agent.status).toMatchObject({ phase: 'Progressing', release: { name: 'support-2' } });
    await live(world, 40);
    expect(world.agent.status).toMatchObject({ phase: 'Healthy', release: { name: 'support-2', phase: 'Promoted' } });
  });
});
