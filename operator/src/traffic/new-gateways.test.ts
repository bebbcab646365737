import type { AgentDeployment } from '@sluice/crds';
import { describe, expect, it } from 'vitest';
import { World } from '../agent/testing/world.ts';
import { agentDeployments } from '../resources.ts';
import { answerPatienceMs } from './acceptance.ts';
import { httpRoutes, type HTTPRoute } from './http-routes.ts';

const lookEveryMs = 5_000;

/** An agent that has served for an hour behind one Gateway, and in whose spec another takes its place just now. */
async function settled(): Promise<World> {
  const world = new World({ router: 'Gateway' });
  world.ask('good 1');
  for (let round = 0; round < 20; round += 1) {
    await world.reconcile();
    world.pass(lookEveryMs);
  }
  expect(world.agent.status).toMatchObject({ phase: 'Healthy', traffic: { state: 'Verified' } });
  world.pass(3_600_000);
  await world.reconcile();
  return world;
}

/** From now on nobody answers. */
function moveTo(world: World, name: string): void {
  const { agent } = world;
  const moved: AgentDeployment = { ...agent, spec: { ...agent.spec, route: { ...agent.spec.route!, parentRefs: [{ name }] } } };
  world.cluster.put(agentDeployments, moved);
  world.gateway.mood = 'sleeps';
}

/** What the status says of the route at each look, until it is given up; with the time since the first, milliseconds. */
async function looks(world: World): Promise<readonly (readonly [number, string])[]> {
  const seen: (readonly [number, string])[] = [];
  const begin = world.now;
  while (world.now - begin <= 3 * answerPatienceMs && seen.at(-1)?.[1] !== 'Refused') {
    await world.reconcile();
    await world.reconcile();
    seen.push([world.now - begin, world.agent.status?.traffic?.state ?? '']);
    world.pass(lookEveryMs);
  }
  return seen;
}

describe('another Gateway on a route that is old', { timeout: 60_000 }, () => {
  it('is waited for as long as one of a new route, and then said to answer nothing', async () => {
    const world = await settled();
    moveTo(world, 'second');
    const seen = await looks(world);
    expect(seen.slice(0, -1).map(([, state]) => state)).toEqual(Array.from({ length: answerPatienceMs / lookEveryMs }, () => 'Pending'));
    expect(seen.at(-1)).toEqual([answerPatienceMs, 'Refused']);
    expect(world.agent.status?.traffic?.message).toContain('Nobody answers for Gateway demo/second');
  });

  it('is waited for as long, wherever the operator dies meanwhile', async () => {
    for (let write = 0; write < 4; write += 1) {
      for (const when of ['before', 'after'] as const) {
        const world = await settled();
        moveTo(world, 'second');
        world.cluster.crashAt = { write: world.cluster.writes + write, when };
        const seen = await looks(world);
        expect(seen.at(-1)?.[1]).toBe('Refused');
        expect(seen.at(-1)?.[0], `crash ${when} write ${write}`).toBeGreaterThanOrEqual(answerPatienceMs);
      }
    }
  });

  it('is waited for anew after a hand took it away for a moment', async () => {
    const world = await settled();
    const [route] = world.cluster.list('HTTPRoute') as HTTPRoute[];
    const edited: HTTPRoute = { ...route!, spec: { ...route!.spec, parentRefs: [{ name: 'elsewhere' }] }, status: {} };
    world.cluster.put(httpRoutes, edited);
    world.gateway.mood = 'sleeps';
    const seen = await looks(world);
    expect(seen[0]?.[1]).toBe('Pending');
    expect(seen.at(-1)?.[0]).toBeGreaterThanOrEqual(answerPatienceMs);
  });
});
