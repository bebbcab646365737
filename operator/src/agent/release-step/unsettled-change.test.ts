import { describe, expect, it } from 'vitest';
import { sampleRecord } from '../../revision/testing/sample-agent.ts';
import { releaseIn } from '../../release/testing/observations.ts';
import type { AgentObservation } from '../observation.ts';
import { kstatusOf } from '../../conditions/testing/kstatus.ts';
import { World } from '../testing/world.ts';
import { unsettledChange } from './unsettled-change.ts';

const now = 1_000_000;
const rendered = (revision: string): AgentObservation['desired'] => ({ kind: 'Rendered', record: { ...sampleRecord(), revision } });
const unresolved: AgentObservation['desired'] = { kind: 'Unresolved', problem: { reason: 'PromptNotFound', message: 'there is none' } };
const active = releaseIn({ phase: 'Shifting' });

describe('a change of which more may come', () => {
  it.each<readonly [string, Parameters<typeof unsettledChange>[0], Parameters<typeof unsettledChange>[1], number | undefined]>([
    ['waits', { now, desired: rendered('newer'), settlesAt: now + 400 }, { stableRevision: 'old' }, 400],
    ['waits beside a release that it takes the place of', { now, desired: rendered('newer'), settlesAt: now + 400 }, { stableRevision: 'old', active }, 400],
    ['does not, once it counts as whole', { now, desired: rendered('newer'), settlesAt: now }, { stableRevision: 'old' }, undefined],
    ['nor where it was so when the process began', { now, desired: rendered('newer') }, { stableRevision: 'old' }, undefined],
    ['nor where nobody is served yet', { now, desired: rendered('newer'), settlesAt: now + 400 }, {}, undefined],
    ['nor where it comes back to what serves', { now, desired: rendered('old'), settlesAt: now + 400 }, { stableRevision: 'old' }, undefined],
    ['nor where it comes back to what is on its way', { now, desired: rendered('new'), settlesAt: now + 400 }, { stableRevision: 'old', active }, undefined],
    ['nor where nobody knows what it comes to', { now, desired: unresolved, settlesAt: now + 400 }, { stableRevision: 'old' }, undefined],
  ])('%s', (_title, seen, ledger, requeueAfterMs) => {
    expect(unsettledChange(seen, ledger)?.requeueAfterMs).toBe(requeueAfterMs);
  });
});

const template = { spec: { containers: [{ name: 'agent', envFrom: [{ configMapRef: { name: 'settings' } }] }] } };

async function serving(prompt: string): Promise<World> {
  const world = new World({ changes: 'Settle', template, rollout: { gates: {} } });
  world.putConfigMap('settings', { data: { MODE: 'one' } });
  world.ask(prompt);
  await looks(world, 12);
  return world;
}

async function looks(world: World, count: number, ms = 5_000): Promise<void> {
  for (let look = 0; look < count; look += 1) {
    await world.reconcile();
    world.pass(ms);
  }
}

const phases = (world: World) => world.releases.map(({ status }) => status?.phase);

describe('a ConfigMap and the agent that refers to it', () => {
  it('are one change, of which nothing is written before it is whole, but that it is on its way', async () => {
    const world = await serving('good 1');
    const { writes } = world.cluster;
    world.putConfigMap('settings', { data: { MODE: 'two' } });
    await looks(world, 1, 100);
    const told = world.agent.status;
    expect([world.cluster.writes - writes, kstatusOf(world.agent), told?.message], 'an agent whose generation is observed is not told to be done').toEqual([1, 'InProgress', expect.stringContaining('is about to begin')]);
    world.ask('good 2');
    await looks(world, 2, 499);
    await world.reconcile();
    expect(world.cluster.writes - writes).toBe(1);
    expect([world.agent.status, kstatusOf(world.agent)]).toEqual([told, 'InProgress']);
    expect(phases(world)).toEqual(['Promoted']);
    world.pass(2);
    await world.reconcile();
    expect(phases(world)).toHaveLength(2);
    await looks(world, 30);
    expect(phases(world)).toEqual(['Promoted', 'Promoted']);
    const [first, second] = world.releases.map(({ spec }) => spec.revision);
    const stored = world.cluster.names().filter((name) => name.startsWith('ConfigMap/support-')).map((name) => name.split('-')[1]);
    expect(new Set(stored), 'nothing is stored of what was asked for in between').toEqual(new Set([first, second]));
  });

  it('begin no release where the change is taken back before it is whole', async () => {
    const world = await serving('good 1');
    const { writes } = world.cluster;
    const before = world.agent.status;
    world.putConfigMap('settings', { data: { MODE: 'two' } });
    await looks(world, 1, 400);
    world.putConfigMap('settings', { data: { MODE: 'one' } });
    await world.reconcile();
    expect([kstatusOf(world.agent), world.agent.status?.phase], 'what serves is what is asked for again').toEqual(['Current', 'Healthy']);
    await looks(world, 3, 700);
    expect([phases(world), world.cluster.writes - writes, world.agent.status?.revision]).toEqual([['Promoted'], 2, before?.revision]);
  });

  it('make room at once for each other in mid-release, and one release begins', async () => {
    const world = await serving('good 1');
    world.ask('good 2');
    await world.reconcile();
    world.pass(1_000);
    await looks(world, 3, 1_000);
    expect(phases(world)).toEqual(['Promoted', 'Shifting']);
    world.putConfigMap('settings', { data: { MODE: 'two' } });
    await looks(world, 2, 100);
    world.ask('good 3');
    await looks(world, 2, 100);
    expect(phases(world)).toEqual(['Promoted', 'Superseded']);
    await looks(world, 40);
    expect(phases(world)).toEqual(['Promoted', 'Superseded', 'Promoted']);
  });
});

it.each<readonly [string, string, (world: World) => Promise<void>]>([
  ['nothing is on its way', 'good 3', () => Promise.resolve()],
  ['a release is on its way', 'good 3', async (world) => { world.ask('good 2'); await looks(world, 4, 1_000); }],
  ['a person has paused one', 'good 3', async (world) => { world.ask('good 2'); await looks(world, 4, 1_000); world.wish('Pause', world.releases[1]!); await looks(world, 2, 1_000); }],
  ['the one before was rolled back', 'good 3', async (world) => { world.ask('dead 2'); await looks(world, 40); expect(phases(world)).toEqual(['Promoted', 'RolledBack']); }],
  ['it is what was rolled back', 'dead 2', async (world) => { world.ask('dead 2'); await looks(world, 40); expect(phases(world)).toEqual(['Promoted', 'RolledBack']); world.ask('good 1'); await looks(world, 4); }],
  ['the agent is about to go on from a suspension', 'good 3', async (world) => { world.edit({ suspend: true }); await looks(world, 2); }],
])('while a change settles the next look is certain, where %s', async (_title, prompt, before) => {
  const world = await serving('good 1');
  await before(world);
  world.ask(prompt);
  await world.reconcile();
  expect(world.lookAgainMs, 'nothing else has to happen for that').toBeLessThanOrEqual(1_000);
  for (let look = 0; look < 5 && world.lookAgainMs <= 1_000; look += 1) {
    world.pass(world.lookAgainMs);
    await world.reconcile();
  }
  const [latest, asked] = [world.releases.at(-1), world.agent.status?.revision];
  if (prompt === 'good 3') expect(latest?.spec.revision, 'its release has begun').not.toBe(world.releases.at(-2)?.spec.revision);
  else expect([world.agent.status?.phase, world.agent.status?.rejectedBy?.revision]).toEqual(['Degraded', asked]);
});

it('what a person asks for by name does not wait for a change to settle', async () => {
  const world = await serving('good 1');
  world.ask('good 2');
  await looks(world, 30);
  expect(phases(world)).toEqual(['Promoted', 'Promoted']);
  world.ask('good 3');
  world.wish('Undo', world.releases[1]!);
  await looks(world, 3, 10);
  expect(world.releases[2]?.spec).toMatchObject({ cause: 'Undo', revision: world.releases[0]?.spec.revision });
});
