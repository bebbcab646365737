import type { Release, ReleasePhase, ReleaseStatus, RolloutSpec } from '@sluice/crds';
import { describe, expect, it } from 'vitest';
import { releaseIn } from '../../release/testing/observations.ts';
import { sampleAgent } from '../../revision/testing/sample-agent.ts';
import type { AgentObservation } from '../observation.ts';
import { kstatusOf } from '../../conditions/testing/kstatus.ts';
import { World } from '../testing/world.ts';
import { awaitedTurn, standingOf, startsInTurn } from './turn.ts';

const now = 1_000_000;
const turns = { limit: 5, since: now - 1_000 };
const due = (spec: Partial<Release['spec']> = {}): Pick<Release, 'spec'> => ({ spec: { agentName: 'support', revision: 'new', cause: 'SpecChanged', stableRevision: 'old', ...spec } });
const served = (revision: string): Release => ({ ...releaseIn({ phase: 'Promoted' }), spec: { ...releaseIn({}).spec, revision } });

const alone = { agent: sampleAgent(), neighbours: new Map() };
const group = (name: string): AgentObservation['agent'] => ({ ...sampleAgent(), spec: { ...sampleAgent().spec, rollout: { group: name } as RolloutSpec } });
const beside = (name: string, phase: ReleasePhase): AgentObservation['neighbours'] => new Map([['billing', { agent: group(name), releases: [releaseIn({ phase: 'Promoted' }), releaseIn({ phase })] }]]);

describe('a release that is due', () => {
  it.each<readonly [string, Parameters<typeof startsInTurn>, boolean]>([
    ['starts in turn', [alone, due(), { all: [served('old')] }], true],
    ['does not where it is the first of its agent', [alone, { spec: { ...due().spec, stableRevision: undefined } }, { all: [] }], false],
    ['nor where a person retries', [alone, due({ cause: 'Retry' }), { all: [] }], false],
    ['nor where a person takes back', [alone, due({ cause: 'Undo' }), { all: [] }], false],
    ['nor where it goes back to what has served before', [alone, due(), { all: [served('new'), served('old')] }], false],
    ['nor where another of its group is on its way', [{ agent: group('shop'), neighbours: beside('shop', 'Shifting') }, due(), { all: [] }], false],
    ['but where that one goes back', [{ agent: group('shop'), neighbours: beside('shop', 'RollingBack') }, due(), { all: [] }], true],
    ['or is through', [{ agent: group('shop'), neighbours: beside('shop', 'Promoted') }, due(), { all: [] }], true],
    ['or is of another group', [{ agent: group('shop'), neighbours: beside('desk', 'Shifting') }, due(), { all: [] }], true],
  ])('%s', (_title, given, expected) => {
    expect(startsInTurn(...given)).toBe(expected);
  });
});

describe('a release that starts in turn', () => {
  it.each<readonly [string, Parameters<typeof awaitedTurn>, ReturnType<typeof awaitedTurn>]>([
    ['waits, and tells it after 20 s', [{ now, turns }, due()], { revision: 'new', isToBeTold: false, requeueAfterMs: 19_000 }],
    ['has told it then', [{ now, turns: { limit: 5, since: now - 20_000 } }, due()], { revision: 'new', isToBeTold: true, requeueAfterMs: 60_000 }],
    ['does not wait where there is a place', [{ now }, due()], undefined],
  ])('%s', (_title, given, expected) => {
    expect(awaitedTurn(...given)).toEqual(expected);
  });

  const real = { stepStartedAt: new Date(now).toISOString() };
  it.each<readonly [string, ReleaseStatus | undefined, ReturnType<typeof standingOf>]>([
    ['one that was just made', undefined, 'Starting'],
    ['one that prepares', { phase: 'Preparing' }, 'Starting'],
    ['one whose suites are asked', { phase: 'Evaluating' }, 'Starting'],
    ['one that waits for the pods of its first step', { phase: 'Shifting', step: 0, weight: 20 }, 'AwaitingPods'],
    ['one that waits for those of a dark launch', { phase: 'Shifting', step: 0, weight: 0 }, 'AwaitingPods'],
    ['one that waits for those of a mirror step', { phase: 'Shifting', step: 0, weight: 0, mirrorPercent: 10 }, 'AwaitingPods'],
    ['one without steps that waits for its pods', { phase: 'Promoting', weight: 100 }, 'AwaitingPods'],
    ['one with traffic', { phase: 'Shifting', step: 0, weight: 20, ...real }, 'Started'],
    ['one that bakes in a dark launch', { phase: 'Shifting', step: 0, weight: 0, ...real }, 'Started'],
    ['one that waits for more pods in a later step', { phase: 'Shifting', step: 1, weight: 50, crashes: { stable: {}, canary: {} } as NonNullable<ReleaseStatus['crashes']> }, 'Started'],
    ['one that is promoted after its steps', { phase: 'Promoting', step: 1, weight: 100, ...real }, 'Started'],
    ['one that is held', { phase: 'Held' }, undefined],
    ['one that asks a person', { phase: 'AwaitingApproval' }, undefined],
    ['one that is on its way back', { phase: 'RollingBack' }, undefined],
    ['one that failed before it had a share', { phase: 'RolledBack' }, undefined],
    ['one that is promoted', { phase: 'Promoted' }, 'Started'],
  ])('%s', (_title, status, expected) => {
    expect(standingOf(due(), status)).toBe(expected);
  });

  it('keeps nobody waiting as the first release of its agent', () => {
    expect(standingOf({ spec: { ...due().spec, stableRevision: undefined } })).toBeUndefined();
  });
});

async function looks(world: World, count: number, ms = 5_000): Promise<void> {
  for (let look = 0; look < count; look += 1) {
    await world.reconcile();
    world.pass(ms);
  }
}

const reasonOf = (world: World) => world.agent.status?.conditions?.find(({ type }) => type === 'Ready')?.reason;
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

  it('tells what is wrong with what serves, not that it waits', async () => {
    const world = new World({ rollout: { gates: {} }, status: 'AtOnce' });
    world.ask('good 1');
    await looks(world, 12);
    world.turns = { limit: 5, since: world.now - 30_000 };
    world.ask('good 2');
    await looks(world, 1);
    const waits = reasonOf(world);
    world.providerStandings.set(world.agent, world.agent.status?.stable?.revision ?? '', { kind: 'CutOff', message: 'ModelProvider "anthropic" does not serve' });
    await looks(world, 1);
    expect([waits, reasonOf(world), kstatusOf(world.agent)]).toEqual(['AwaitingTurn', 'ProviderUnavailable', 'InProgress']);
  });

  it('keeps its place in the line when the spec changes once more', async () => {
    const world = new World({ changes: 'Settle', rollout: { gates: {} } });
    world.ask('good 1');
    await looks(world, 12);
    world.turns = { limit: 5, since: world.now };
    world.ask('good 2');
    await looks(world, 2);
    world.turns = undefined;
    world.ask('good 3');
    await looks(world, 1, 100);
    expect([world.standing, phases(world)]).toEqual(['Waiting', ['Promoted']]);
  });
});

describe('a release that a freeze has held', () => {
  it('waits in the line when that ends', async () => {
    const world = new World({ rollout: { gates: {} } });
    world.ask('good 1');
    await looks(world, 12);
    world.ask('good 2');
    world.editRollout({ freezes: [{ name: 'always', schedule: '* * * * *', duration: '5m', timeZone: 'UTC' }] });
    await looks(world, 4);
    expect([phases(world), world.standing], 'what stands keeps nobody waiting').toEqual([['Promoted', 'Held'], undefined]);
    world.turns = { limit: 5, since: world.now };
    world.editRollout({ freezes: [] });
    await looks(world, 6);
    expect([phases(world), world.standing]).toEqual([['Promoted', 'Held'], 'Waiting']);
    expect(world.releases.at(-1)?.status?.message).toContain('waits for its turn');
    world.turns = undefined;
    await looks(world, 1);
    expect([phases(world), world.standing]).toEqual([['Promoted', 'Shifting'], 'AwaitingPods']);
  });
});

describe('a release that has its turn', () => {
  it.each<readonly [string, Partial<RolloutSpec>]>([
    ['of the first step', { steps: [{ weight: 25, duration: '30s' }] }],
    ['where it has no steps', { steps: [] }],
  ])('keeps its place until its first pods are ready %s', async (_title, rollout) => {
    const world = new World({ rollout: { gates: {}, ...rollout } });
    world.ask('good 1');
    await looks(world, 12);
    world.ask('good 2');
    const seen: (string | undefined)[] = [];
    for (let look = 0; look < 10; look += 1) {
      await world.reconcile();
      seen.push(world.standing);
      world.pass(1_000, look < 5 ? 0 : 1);
    }
    const places = ['Starting', 'AwaitingPods', 'AwaitingPods', 'AwaitingPods', 'AwaitingPods', 'AwaitingPods', 'Started'];
    expect(seen.slice(0, places.length)).toEqual(places);
    for (const later of seen.slice(places.length)) expect(['Started', undefined]).toContain(later);
  });
});
