import { describe, expect, it } from 'vitest';
import { expectSameEndWhereverItDies } from '../testing/deaths.ts';
import type { CrashPoint } from '../testing/memory-cluster.ts';
import { World } from '../testing/world.ts';

/** The stories take seconds of processor time, and the machine may be busy. Milliseconds. */
const timeout = 300_000;
const template = { spec: { containers: [{ name: 'agent', envFrom: [{ configMapRef: { name: 'settings' } }] }] } };

async function settle(world: World): Promise<void> {
  for (let round = 0, quiet = 0; round < 80 && quiet < 8; round += 1) {
    const { writes } = world.cluster;
    await world.reconcile();
    quiet = world.cluster.writes > writes ? 0 : quiet + 1;
    world.pass(5_000);
  }
}

function turn(world: World, mode: string): void {
  world.putConfigMap('settings', { data: { MODE: mode } });
}

async function serving(prompts: readonly string[]): Promise<World> {
  const world = new World({ template });
  turn(world, 'one');
  for (const prompt of prompts) {
    world.ask(prompt);
    await settle(world);
  }
  return world;
}

const verdicts = (world: World): string[] => world.releases.map(({ spec, status }) => `${spec.cause} ${status?.phase}`);

describe('what a person took back', { timeout }, () => {
  it('does not come back with other settings, but does when somebody asks, and then with the settings of that time', async () => {
    const world = await serving(['good 1', 'good 2']);
    world.wish('Undo', world.releases[1]!);
    await settle(world);
    turn(world, 'two');
    await settle(world);
    expect(verdicts(world)).toEqual(['SpecChanged Promoted', 'SpecChanged Promoted', 'Undo Promoted']);
    const { status } = world.agent;
    const undone = world.releases[1]!;
    expect(status).toMatchObject({ phase: 'Degraded', stable: { revision: world.releases[0]!.spec.revision }, rejectedBy: { release: 'support-2', revision: undone.spec.revision } });
    expect(status?.revision).not.toBe(undone.spec.revision);
    expect(status?.message).toContain(`the spec asks for revision ${status?.revision} with the spec.agent of revision ${undone.spec.revision}, which alice took back after support-2 had promoted it. It is not tried again by itself: change spec.agent, or ask for it (kubectl sluice retry support). Other content`);
    world.wish('Retry', undone);
    await settle(world);
    expect(world.releases.at(-1)).toMatchObject({ spec: { revision: status?.revision, cause: 'Retry', retryOf: 'support-2' }, status: { phase: 'Promoted', completion: 'Promoted' } });
    expect(world.agent.status).toMatchObject({ phase: 'Healthy' });
    expect(world.agent.status).not.toHaveProperty('rejectedBy');
  });

  it('comes back at once when a person undoes the undo and names it, and what that takes back waits in turn for its name', async () => {
    const world = await serving(['good 1', 'good 2']);
    const [first, second] = world.releases.map(({ spec }) => spec.revision);
    world.wish('Undo', world.releases[1]!);
    await settle(world);
    expect(world.agent.status).toMatchObject({ phase: 'Degraded', stable: { revision: first } });

    world.wish('Undo', world.releases[2]!, { toRevision: second ?? '' });
    await settle(world);
    expect(world.releases[2]?.status?.handledIntent).toMatchObject({ outcome: 'Accepted' });
    expect(world.releases[3]).toMatchObject({ spec: { revision: second, cause: 'Undo' }, status: { phase: 'Promoted', completion: 'FastPromoted' } });
    expect(world.releases[3]?.status?.transitions?.find(({ phase }) => phase === 'Promoting')).toMatchObject({ reason: 'PromotedBefore' });
    expect(world.agent.status).toMatchObject({ phase: 'Healthy', stable: { revision: second } });

    world.wish('Undo', world.releases[3]!, { requestId: 'unnamed' });
    await settle(world);
    expect(world.releases[3]?.status?.handledIntent).toMatchObject({ outcome: 'Refused', message: expect.stringContaining(`--to-revision ${first}`) });
    world.wish('Undo', world.releases[3]!, { requestId: 'named', toRevision: first ?? '' });
    await settle(world);
    expect(verdicts(world).slice(2)).toEqual(['Undo Promoted', 'Undo Promoted', 'Undo Promoted']);
    expect(world.agent.status).toMatchObject({ phase: 'Degraded', stable: { revision: first } });
  });

  it('does not come back by an undo that names it where it failed since, and the refusal says so', async () => {
    const world = await serving(['good 1', 'good 2']);
    const { spec: { revision } } = world.releases[1]!;
    world.wish('Undo', world.releases[1]!);
    await settle(world);
    world.wish('Retry', world.releases[1]!);
    for (let look = 0; look < 5 && world.releases.length < 4; look += 1) await world.reconcile();
    world.wish('Abort', world.releases[3]!);
    await settle(world);
    expect(verdicts(world).at(-1)).toBe('Retry Aborted');
    world.wish('Undo', world.releases[2]!, { toRevision: revision });
    await settle(world);
    expect(world.releases[2]?.status?.handledIntent).toMatchObject({ outcome: 'Refused', message: expect.stringContaining('failed since') });
    expect(world.releases).toHaveLength(4);
  });

  it('is released when what was wrong with it is mended: settings whose change alone was undone', async () => {
    const world = await serving(['good 1']);
    turn(world, 'wrong');
    await settle(world);
    world.wish('Undo', world.releases[1]!);
    await settle(world);
    turn(world, 'mended');
    await settle(world);
    expect(verdicts(world)).toEqual(['SpecChanged Promoted', 'SpecChanged Promoted', 'Undo Promoted', 'SpecChanged Promoted']);
    expect(world.agent.status).toMatchObject({ phase: 'Healthy' });
  });

  it('is released when what was wrong with it is mended: its prompt in a ConfigMap', async () => {
    const world = await serving(['good 1']);
    const write = (text: string) => world.putConfigMap('prompts', { data: { prompt: text } });
    write('good and wrong');
    world.edit({ agent: { ...world.agent.spec.agent, prompt: { configMapKeyRef: { name: 'prompts', key: 'prompt' } } } });
    await settle(world);
    world.wish('Undo', world.releases[1]!);
    await settle(world);
    turn(world, 'two');
    await settle(world);
    expect(world.releases).toHaveLength(3);
    write('good and mended');
    await settle(world);
    expect(verdicts(world).at(-1)).toBe('SpecChanged Promoted');
  });

  it('stays away wherever the operator dies', async () => {
    const told = await expectSameEndWhereverItDies(async (dies?: CrashPoint) => {
      const world = await serving(['good 1', 'good 2']);
      const begin = world.cluster.writes;
      if (dies !== undefined) world.cluster.crashAt = { write: begin + dies.write, when: dies.when };
      world.wish('Undo', world.releases[1]!);
      await settle(world);
      turn(world, 'two');
      await settle(world);
      return { writes: world.cluster.writes - begin, end: verdicts(world) };
    });
    expect(told.end).toEqual(['SpecChanged Promoted', 'SpecChanged Promoted', 'Undo Promoted']);
  });
});
