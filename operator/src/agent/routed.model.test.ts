import type { AgentDeployment, Release, RolloutStep } from '@sluice/crds';
import type { Deployment, Service } from '@sluice/kube';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { revisionLabel } from '../children/index.ts';
import { isTerminal } from '../release/decision.ts';
import { agentDeployments } from '../resources.ts';
import { httpRoutes, type HTTPRoute } from '../traffic/http-routes.ts';
import { readRoute } from '../traffic/live-route.ts';
import { expectSameEndWhereverItDies } from './testing/deaths.ts';
import { capacity, World } from './testing/world.ts';

/** The stories take seconds of processor time, and the machine may be busy. Milliseconds. */
const timeout = 600_000;
const steps: readonly RolloutStep[] = [{ mirrorPercent: 50, duration: '10s' }, { weight: 0, duration: '10s' }, { weight: 50, duration: '10s' }];
const servicePrefix = 'support-';

function routed(): World {
  return new World({ router: 'Gateway', steps });
}

/** Reconciles and lets time pass until nothing is on its way; every history must end. */
async function settle(world: World, pace: number, look: () => void = () => undefined): Promise<void> {
  for (let round = 0; round < 400; round += 1) {
    const writes = world.cluster.writes;
    await world.reconcile();
    look();
    if (world.cluster.writes === writes && isQuiet(world)) return;
    world.pass(5_000, pace);
    look();
  }
  throw new Error(`the history did not end: ${JSON.stringify(world.agent.status)}`);
}

function isQuiet({ cluster, agent, isStill }: World): boolean {
  const active = (cluster.list('Release') as Release[]).filter(({ status }) => !isTerminal(status?.phase));
  return isStill && active.length === 0 && agent.status?.observedGeneration === agent.metadata.generation && agent.status?.traffic?.state === 'Verified';
}

async function tell(world: World, prompts: readonly string[], look?: () => void, pace = 0.5): Promise<void> {
  for (const prompt of prompts) {
    world.ask(prompt);
    await settle(world, pace, look);
  }
}

function routeOf(world: World): HTTPRoute | undefined {
  return (world.cluster.list('HTTPRoute') as HTTPRoute[])[0];
}

/** Percent by revision, as the Gateway has it. */
function inForce(world: World): Record<string, number> {
  const route = world.gateway.inForce;
  return route === undefined ? {} : Object.fromEntries(readRoute({ ...route, metadata: { ...route.metadata, annotations: {} } }, { servicePrefix, now: 0 }).asked.weights);
}

function revisionOf({ metadata }: Deployment | Service): string {
  return metadata.labels?.[revisionLabel] ?? '';
}

function readyOf(world: World, revision: string): number {
  const deployment = world.deployments.find((each) => revisionOf(each) === revision);
  return Math.min(deployment?.spec.replicas ?? 0, deployment?.status?.readyReplicas ?? 0);
}

function routedPods(world: World): number {
  return Object.keys(inForce(world)).reduce((sum, revision) => sum + readyOf(world, revision), 0);
}

function endState(world: World) {
  return {
    phase: world.agent.status?.phase,
    traffic: world.agent.status?.traffic,
    inForce: inForce(world),
    verdicts: (world.cluster.list('Release') as Release[]).map(({ metadata, status }) => `${metadata.name} ${status?.phase} ${status?.reason}`).toSorted(),
    pods: world.deployments.map(({ metadata, spec }) => `${metadata.name} ${spec.replicas}`).toSorted(),
    services: world.cluster.list('Service').map(({ metadata }) => metadata.name).toSorted(),
    rules: routeOf(world)?.spec.rules,
  };
}

/** Watches a world; what it must never see fails the test. */
class Witness {
  readonly #world: World;
  readonly #rejected = new Set<string>();
  #routedPods = 0;
  /** Percent by revision, as last written. */
  #asked: ReadonlyMap<string, number> = new Map();
  /** `Hurt` when pods have just died by themselves: what was in force then is not the operator's doing. */
  #state: 'Sound' | 'Hurt' = 'Sound';

  constructor(world: World) {
    this.#world = world;
    world.cluster.onWrite = (_verb, object) => {
      if (object.kind === 'HTTPRoute' && (object as Partial<HTTPRoute>).spec !== undefined) this.#routeWritten(object as HTTPRoute);
    };
  }

  hurt(): void {
    this.#state = 'Hurt';
  }

  look(): void {
    for (const { spec, status } of this.#world.cluster.list('Release') as Release[]) if (status?.phase === 'RolledBack') this.#rejected.add(spec.revision);
    const now = routedPods(this.#world);
    if (this.#state === 'Sound') expect(now, 'serving capacity is never taken away').toBeGreaterThanOrEqual(Math.min(capacity, this.#routedPods));
    this.#routedPods = now;
    this.#everyNameExists();
    this.#serviceServes();
    this.#state = 'Sound';
  }

  #routeWritten(route: HTTPRoute): void {
    const { asked, names } = readRoute(route, { servicePrefix, now: 0 });
    expect([...asked.weights.values()].reduce((sum, weight) => sum + weight, 0), 'weights sum to 100').toBe(100);
    for (const revision of names) {
      expect(this.#services(), `${revision} is named before it has a Service`).toContain(`${servicePrefix}${revision}`);
      // Where all pods of what serves have died, it stays named: no other has been proven. Nothing is added to it.
      const had = this.#asked.get(revision);
      if (had === undefined || (asked.weights.get(revision) ?? 0) > had) expect(readyOf(this.#world, revision), `${revision} is given requests without a ready pod`).toBeGreaterThan(0);
      expect(this.#rejected, 'one that was rejected gets requests again').not.toContain(revision);
    }
    this.#asked = asked.weights;
  }

  #everyNameExists(): void {
    const { inForce: route } = this.#world.gateway;
    if (route === undefined) return;
    for (const revision of readRoute(route, { servicePrefix, now: 0 }).names) {
      expect(this.#services(), 'a Service that the Gateway uses is gone').toContain(`${servicePrefix}${revision}`);
      expect(this.#world.deployments.map(revisionOf), 'a revision that the Gateway uses is gone').toContain(revision);
    }
  }

  #serviceServes(): void {
    const service = (this.#world.cluster.list('Service') as Service[]).find(({ metadata }) => metadata.name === 'support');
    const selected = service?.spec?.selector?.[revisionLabel];
    const anyRouted = Object.keys(inForce(this.#world)).some((revision) => readyOf(this.#world, revision) > 0);
    if (selected !== undefined && anyRouted && this.#state === 'Sound') expect(readyOf(this.#world, selected), 'the Service selects a revision without ready pods').toBeGreaterThan(0);
  }

  #services(): string[] {
    return this.#world.cluster.list('Service').map(({ metadata }) => metadata.name);
  }
}

describe('releases behind a Gateway', { timeout }, () => {
  it('end as each revision deserves, with all the traffic where it belongs and nothing left over', async () => {
    const world = routed();
    const witness = new Witness(world);
    await tell(world, ['good 1', 'good 2', 'ill 4', 'dead 5'], () => witness.look());
    expect(endState(world).verdicts).toEqual(['support-1 Promoted Promoted', 'support-2 Promoted Promoted', 'support-3 RolledBack ObjectiveFailed', 'support-4 RolledBack ProgressDeadlineExceeded']);
    const stable = world.agent.status?.stable?.revision ?? '';
    expect(inForce(world)).toEqual({ [stable]: 100 });
    expect(world.cluster.list('Service').map(({ metadata }) => metadata.name).toSorted()).toEqual(['support', `support-${stable}`]);
    expect(world.agent.status).toMatchObject({ traffic: { router: 'Gateway', state: 'Verified' }, stable: { actualWeight: 100 } });
  });

  it('goes through copies, a dark launch and weights, each read back from the Gateway', async () => {
    const world = routed();
    const seen = new Set<string>();
    await tell(world, ['good 1']);
    world.ask('good 2');
    await settle(world, 1, () => {
      const canary = world.agent.status?.canary;
      const plan = world.gateway.inForce === undefined ? undefined : readRoute(world.gateway.inForce, { servicePrefix, now: 0 }).asked;
      seen.add(`${plan?.mirror?.percent ?? 0} % copied, ${plan?.dark === undefined ? 'hidden' : 'dark'}, ${plan?.weights.get(canary?.revision ?? '') ?? 0} %`);
    });
    expect([...seen]).toEqual(['0 % copied, hidden, 0 %', '50 % copied, hidden, 0 %', '0 % copied, dark, 0 %', '0 % copied, hidden, 50 %', '0 % copied, hidden, 100 %']);
  });

  it('waits in its step for as long as the Gateway does not answer', async () => {
    const world = new World({ router: 'Gateway', steps: [{ weight: 50, duration: '10s' }] });
    await tell(world, ['good 1']);
    world.ask('good 2');
    world.gateway.mood = 'sleeps';
    for (let round = 0; round < 15; round += 1) {
      await world.reconcile();
      world.pass(5_000);
    }
    expect(world.agent.status).toMatchObject({ traffic: { state: 'Pending', message: 'Waiting for Gateway demo/public to accept the HTTPRoute as it is now' }, release: { phase: 'Shifting' } });
    world.gateway.mood = 'accepts';
    await settle(world, 1);
    expect(world.agent.status).toMatchObject({ phase: 'Healthy', release: { phase: 'Promoted' } });
  });

  it('is rolled back with the words of the Gateway where that refuses the route', async () => {
    const world = new World({ router: 'Gateway', steps: [{ weight: 50, duration: '10s' }] });
    await tell(world, ['good 1']);
    world.ask('good 2');
    for (let round = 0; round < 60 && world.agent.status?.release?.phase !== 'RolledBack'; round += 1) {
      if (world.releases.at(-1)?.status?.weight === 50) world.gateway.mood = 'refuses';
      await world.reconcile();
      world.pass(5_000);
    }
    const release = (world.cluster.list('Release') as Release[]).find(({ metadata }) => metadata.name === 'support-2');
    expect(release?.status).toMatchObject({ phase: 'RolledBack', reason: 'RouteRefused' });
    expect(release?.status?.message).toContain('Gateway demo/public does not take the HTTPRoute: as the test wants it (UnsupportedValue)');
    world.gateway.mood = 'accepts';
    await settle(world, 1);
    expect(Object.values(inForce(world))).toEqual([100]);
  });

  it('is rolled back where the Gateway cannot copy, while the users are served as before', async () => {
    const world = routed();
    await tell(world, ['good 1']);
    world.gateway.mood = 'refuses copies';
    world.ask('good 2');
    const cutOff: number[] = [];
    await settle(world, 1, () => cutOff.push(world.gateway.inForce === undefined ? 1 : 0));
    expect((world.cluster.list('Release') as Release[]).map(({ status }) => `${status?.phase} ${status?.reason}`)).toEqual(['Promoted Promoted', 'RolledBack RouteRefused']);
    expect((world.cluster.list('Release') as Release[])[1]?.status?.message).toContain('does not take the HTTPRoute: as the test wants it (UnsupportedValue)');
    expect(cutOff.filter((each) => each === 1).length, 'from the refusal to the next look').toBeLessThanOrEqual(2);
    expect(inForce(world)).toEqual({ [world.agent.status?.stable?.revision ?? '']: 100 });
  });

  it('a weight that a hand writes into the route is put back and never read as progress', async () => {
    const world = new World({ router: 'Gateway', status: 'AtOnce', steps: [{ weight: 25, duration: '10h' }] });
    await tell(world, ['good 1']);
    world.ask('good 2');
    for (let round = 0; round < 10; round += 1) {
      await world.reconcile();
      world.pass(5_000);
    }
    const before = routeOf(world);
    const edited = structuredClone(before!);
    edited.spec.rules![0]!.backendRefs!.forEach((backend, index) => (backend.weight = index === 0 ? 0 : 100));
    world.cluster.put(httpRoutes, edited);
    await world.reconcile();
    expect(world.agent.status?.traffic).toMatchObject({ state: 'Pending' });
    expect(world.agent.status?.traffic?.message).toContain('Somebody changed how the HTTPRoute divides the requests');
    expect(world.agent.status?.canary).toMatchObject({ weight: 25, actualWeight: 25 });
    expect(routeOf(world)?.spec).toEqual(before?.spec);
    world.pass(1_000);
    await world.reconcile();
    expect(world.agent.status?.traffic?.state).toBe('Verified');
  });

  it('what a hand adds to the route is taken away with one write, also by an operator that has just started', async () => {
    const world = routed();
    await tell(world, ['good 1']);
    const before = routeOf(world);
    const edited = structuredClone(before!);
    edited.spec.rules![0]!.filters!.push({ type: 'ResponseHeaderModifier', responseHeaderModifier: { set: [{ name: 'x-spy', value: 'yes' }] } });
    world.restart();
    world.cluster.put(httpRoutes, edited);
    const { writes } = world.cluster;
    await world.reconcile();
    expect(routeOf(world)?.spec).toEqual(before?.spec);
    world.pass(1_000);
    await world.reconcile();
    const specWrites = world.cluster.writes - writes;
    expect(specWrites).toBeLessThanOrEqual(3); // the route, and the status before and after its Gateway has taken it again
  });

  it('goes back to the ratio of pods when the route is taken from the spec: no HTTPRoute and no Service of a revision is left', async () => {
    const world = routed();
    await tell(world, ['good 1']);
    const { route: _gone, ...spec } = world.agent.spec;
    world.cluster.put(agentDeployments, { ...world.agent, spec: { ...spec, rollout: { ...spec.rollout!, steps: [{ weight: 25, duration: '10s' }] } } } as AgentDeployment);
    await settle(world, 1);
    expect(world.cluster.list('HTTPRoute')).toEqual([]);
    expect((world.cluster.list('Service') as Service[]).map(({ metadata, spec: found }) => [metadata.name, found?.selector])).toEqual([['support', { 'sluice.dev/agent': 'support' }]]);
    expect(world.agent.status?.traffic).toEqual({ router: 'ReplicaRatio', state: 'Verified' });
  });

  it('is Degraded with the words of a Gateway that does not take the route any more, and Healthy when it does', async () => {
    const world = routed();
    await tell(world, ['good 1']);
    world.gateway.mood = 'refuses';
    world.pass(1_000);
    await world.reconcile();
    expect(world.agent.status).toMatchObject({ phase: 'Degraded', message: 'Gateway demo/public does not take the HTTPRoute: as the test wants it (UnsupportedValue)' });
    expect(world.agent.status?.conditions?.filter(({ status }) => status === 'True').map(({ type, reason }) => `${type} ${reason}`)).toContain('RouteRefused NotAccepted');
    world.gateway.mood = 'accepts';
    world.pass(1_000);
    await world.reconcile();
    expect(world.agent.status).toMatchObject({ phase: 'Healthy' });
  });

  it('keeps all traffic on the new revision when the stable pods die, and gives it back as they return', async () => {
    const world = new World({ router: 'Gateway', steps: [{ weight: 50, duration: '20m' }] });
    await tell(world, ['good 1']);
    world.ask('good 2');
    for (let round = 0; round < 10; round += 1) {
      await world.reconcile();
      world.pass(2_000);
    }
    const [stable, canary] = [world.agent.status?.stable?.revision ?? '', world.agent.status?.canary?.revision ?? ''];
    expect(inForce(world)).toEqual({ [stable]: 50, [canary]: 50 });
    world.kill(stable);
    await world.reconcile();
    world.pass(0, 0);
    expect(inForce(world)).toEqual({ [canary]: 100 });
    const shares: number[] = [];
    for (let round = 0; round < 12; round += 1) {
      await world.reconcile();
      world.pass(1_000, 0.3);
      shares.push(inForce(world)[stable] ?? 0);
    }
    expect(shares.at(-1)).toBe(50);
    expect(shares).toEqual(shares.toSorted((left, right) => left - right));
    expect(world.agent.status?.release?.phase).toBe('Shifting');
  });

  it('writes nothing when nothing has to change', async () => {
    const world = routed();
    await tell(world, ['good 1']);
    const { writes } = world.cluster;
    await world.reconcile();
    expect(world.cluster.writes).toBe(writes);
  });
});

describe('crash injection behind a Gateway', { timeout }, () => {
  it('ends in the same place wherever the operator dies, and never routes to what is not there', async () => {
    // Every kind of step and of ending once, as short as that can be told.
    const story = ['good 1', 'ill 2', 'good 3'];
    const brief: readonly RolloutStep[] = [{ mirrorPercent: 50, duration: '1s' }, { weight: 0, duration: '1s' }, { weight: 50, duration: '1s' }];
    const make = () => new World({ router: 'Gateway', steps: brief, controllers: 'Late' });
    const { writes } = await expectSameEndWhereverItDies(async (dies) => {
      const world = make();
      const witness = new Witness(world);
      world.cluster.crashAt = dies;
      await tell(world, story, () => witness.look(), 1);
      return { writes: world.cluster.writes, end: endState(world) };
    });
    expect(writes).toBeGreaterThan(60);
  });
});

describe('invariants over random histories behind a Gateway', { timeout }, () => {
  const move = fc.record({
    prompt: fc.option(fc.tuple(fc.constantFrom('good', 'unfit', 'ill', 'dead'), fc.integer({ min: 1, max: 4 })).map(([fate, number]) => `${fate} ${number}`), { nil: undefined, freq: 4 }),
    ms: fc.integer({ min: 0, max: 30_000 }),
    pace: fc.double({ min: 0.1, max: 1, noNaN: true }),
    gateway: fc.constantFrom('accepts' as const, 'accepts' as const, 'sleeps' as const),
    killed: fc.constantFrom(undefined, undefined, undefined, undefined, 'stable' as const, 'canary' as const),
    crash: fc.option(fc.record({ write: fc.integer({ min: 0, max: 6 }), when: fc.constantFrom('before' as const, 'after' as const) }), { nil: undefined }),
  });

  it('hold at every moment, and every history ends with all the traffic on what serves', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(move, { minLength: 5, maxLength: 40 }), async (moves) => {
        const world = routed();
        const witness = new Witness(world);
        const look = () => witness.look();
        world.ask('good 0');
        await settle(world, 1, look);
        for (const { prompt, ms, pace, gateway, killed, crash } of moves) {
          if (prompt !== undefined) world.ask(prompt);
          world.gateway.mood = gateway;
          const victim = killed === undefined ? undefined : world.agent.status?.[killed]?.revision;
          if (victim !== undefined) {
            world.kill(victim);
            witness.hurt();
          }
          if (crash !== undefined) world.cluster.crashAt = { write: world.cluster.writes + crash.write, when: crash.when };
          await world.reconcile();
          look();
          world.pass(ms, pace);
          look();
        }
        world.cluster.crashAt = undefined;
        world.gateway.mood = 'accepts';
        await settle(world, 1, look);
        expect(inForce(world)).toEqual({ [world.agent.status?.stable?.revision ?? '']: 100 });
      }),
      { numRuns: 25 },
    );
  });
});
