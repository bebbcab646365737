import type { Release, ReleaseStatus } from '@sluice/crds';
import { describe, expect, it } from 'vitest';
import { releaseIn } from '../../release/testing/observations.ts';
import { kstatusOf } from '../testing/kstatus.ts';
import { World } from '../testing/world.ts';
import { awaitedTurn, standingOf } from './turn.ts';

const now = 1_000_000;
const turns = { limit: 5, since: now - 1_000 };
const due = (spec: Partial<Release['spec']> = {}): Pick<Release, 'spec'> => ({ spec: { agentName: 'support', revision: 'new', cause: 'SpecChanged', stableRevision: 'old', ...spec } });
const served = (revision: string): Release => ({ ...releaseIn({ phase: 'Promoted' }), spec: { ...releaseIn({}).spec, revision } });

describe('a release that is due while as many start as may', () => {
  it.each<readonly [string, Parameters<typeof awaitedTurn>, ReturnType<typeof awaitedTurn>]>([
    ['waits, and tells it after 20 s', [{ now, turns }, due(), { all: [served('old')] }], { revision: 'new', isToBeTold: false, requeueAfterMs: 19_000 }],
    ['has told it then', [{ now, turns: { limit: 5, since: now - 20_000 } }, due(), { all: [] }], { revision: 'new', isToBeTold: true, requeueAfterMs: 60_000 }],
    ['does not wait where there is a place', [{ now }, due(), { all: [] }], undefined],
    ['nor where it is the first of its agent', [{ now, turns }, { spec: { ...due().spec, stableRevision: undefined } }, { all: [] }], undefined],
    ['nor where a person retries', [{ now, turns }, due({ cause: 'Retry' }), { all: [] }], undefined],
    ['nor where a person takes back', [{ now, turns }, due({ cause: 'Undo' }), { all: [] }], undefined],
    ['nor where it goes back to what has served before', [{ now, turns }, due(), { all: [served('new'), served('old')] }], undefined],
  ])('%s', (_title, given, expected) => {
    expect(awaitedTurn(...given)).toEqual(expected);
  });

  it.each<readonly [string, ReleaseStatus | undefined, ReturnType<typeof standingOf>]>([
    ['one that was just made', undefined, 'Starting'],
    ['one that prepares', { phase: 'Preparing' }, 'Starting'],
    ['one whose suites are asked', { phase: 'Evaluating' }, 'Starting'],
    ['one that waits for the pods of its first step', { phase: 'Shifting', step: 0, weight: 0 }, 'Starting'],
    ['one with traffic', { phase: 'Shifting', step: 0, weight: 20 }, undefined],
    ['one to which requests are copied', { phase: 'Shifting', step: 0, weight: 0, mirrorPercent: 10 }, undefined],
    ['one in a later step', { phase: 'Shifting', step: 1, weight: 20 }, undefined],
    ['one that is held', { phase: 'Held' }, undefined],
    ['one that asks a person', { phase: 'AwaitingApproval' }, undefined],
    ['one that is on its way back', { phase: 'RollingBack' }, undefined],
    ['one that is over', { phase: 'Promoted' }, undefined],
  ])('%s', (_title, status, expected) => {
    expect(standingOf(undefined, due(), status)).toBe(expected);
  });

  it('keeps nobody waiting as the first release of its agent', () => {
    expect(standingOf(undefined, { spec: { ...due().spec, stableRevision: undefined } }, undefined)).toBeUndefined();
  });
});

async function looks(world: World, count: number, ms = 5_000): Promise<void> {
  for (let look = 0; look < count; look += 1) {
    await world.reconcile();
    world.pass(ms);
  }
}

const phases = (world: World) => world.releases.map(({ status }) => status?.phase);

describe('an agent whose turn has not come', () => {
  it('writes nothing for 20 s, then says what it waits for, and is released when its turn comes', async () => {
    const world = new World({ rollout: { gates: {} } });
    world.ask('good 1');
    await looks(world, 12);
    const { writes } = world.cluster;
    world.ask('good 2');
    world.turns = { limit: 5, since: world.now };
    await looks(world, 3);
    expect([world.cluster.writes - writes, phases(world), kstatusOf(world.agent)]).toEqual([0, ['Promoted'], 'InProgress']);
    await looks(world, 4);
    expect(world.agent.status?.message).toMatch(/^The release of revision [0-9a-f]+ waits for its turn: of all agents of this operator 5 releases at most bring up their first pods at once/);
    expect([world.cluster.writes - writes, phases(world), kstatusOf(world.agent)]).toEqual([1, ['Promoted'], 'InProgress']);
    world.turns = undefined;
    await looks(world, 60);
    expect([phases(world), kstatusOf(world.agent)]).toEqual([['Promoted', 'Promoted'], 'Current']);
  });

  it('goes back to what has served before at once', async () => {
    const world = new World({ rollout: { gates: {} } });
    for (const prompt of ['good 1', 'good 2']) {
      world.ask(prompt);
      await looks(world, 60);
    }
    world.turns = { limit: 5, since: world.now };
    world.ask('good 1');
    await looks(world, 60);
    expect(phases(world)).toEqual(['Promoted', 'Promoted', 'Promoted']);
  });
});
