import type { Release, RolloutSpec } from '@sluice/crds';
import { describe, expect, it } from 'vitest';
import { releaseIn } from '../../release/testing/observations.ts';
import { World } from '../testing/world.ts';
import { beginningOf, tellBeginningAfterMs, unstoredBeginning } from './first-release.ts';

const made = '2026-11-21T10:00:00.000Z';
const now = Date.parse(made) + 7_000;

function first(rollout: Partial<RolloutSpec> | undefined = {}, spec: Partial<Release['spec']> = {}): Release {
  const { status: _none, spec: { stableRevision: _neither, ...rest }, metadata, ...release } = releaseIn({});
  const plan = { ...rest.rollout, gates: {}, ...rollout } as RolloutSpec;
  return { ...release, metadata: { ...metadata, creationTimestamp: made }, spec: { ...rest, cause: 'SpecChanged', rollout: plan, ...spec } };
}

describe('the beginning of a first release', () => {
  it('follows from the Release: its pods are made and take all the traffic, from when it was made', () => {
    const { release: { status }, tellAt } = beginningOf(first(), now)!;
    expect(status).toMatchObject({ phase: 'Promoting', weight: 100, startedAt: made, unreadySince: made });
    expect(status?.transitions?.map(({ phase, at }) => [phase, at])).toEqual([['Preparing', made], ['Promoting', made]]);
    expect(tellAt).toBe(Date.parse(made) + tellBeginningAfterMs);
    expect(beginningOf(first(), now + 60_000), 'at any time, by anybody').toEqual(beginningOf(first(), now));
  });

  it.each<[string, Release]>([
    ['suites come first', first({ gates: { evals: [{ suiteRef: { name: 'golden' }, minPassPercent: 100 }] } })],
    ['a person must agree', first({ approval: { policy: 'Required', timeout: '1h', onTimeout: 'RollBack' } })],
    ['a freeze may hold it', first({ freezes: [{ name: 'night', schedule: '0 0 * * *', duration: '1h', timeZone: 'UTC' }] })],
    ['it depends on another agent', first({ dependsOn: [{ name: 'search' }] })],
    ['it belongs to a group', first({ group: 'shop' })],
    ['another revision serves', first({}, { stableRevision: 'old' })],
    ['somebody asked for it', first({}, { cause: 'Retry' })],
  ])('is stored where %s', (_title, release) => {
    expect(beginningOf(release, now)).toBeUndefined();
  });

  it('is no more once a status is stored, or beside another release', () => {
    expect(unstoredBeginning({ releases: [first()], now })).toBeDefined();
    expect(unstoredBeginning({ releases: [{ ...first(), status: { phase: 'Preparing' } }], now })).toBeUndefined();
    expect(unstoredBeginning({ releases: [first(), first()], now })).toBeUndefined();
    expect(unstoredBeginning({ releases: [], now })).toBeUndefined();
  });
});

describe('an agent whose first release has no gates', () => {
  const begun = async (): Promise<World> => {
    const world = new World({ rollout: { gates: {} } });
    world.ask('dead 1');
    await world.reconcile();
    return world;
  };

  it('has its pods made in the first look, and the Release says nothing for twenty seconds', async () => {
    const world = await begun();
    expect(world.deployments.map(({ spec }) => spec.replicas)).toEqual([3]);
    for (let seconds = 0; seconds < 19; seconds += 1) {
      world.pass(1_000);
      await world.reconcile();
    }
    expect(world.releases[0]).not.toHaveProperty('status');
    world.pass(1_000);
    await world.reconcile();
    world.pass(1_000);
    await world.reconcile();
    expect(world.releases[0]?.status).toMatchObject({ phase: 'Promoting', startedAt: made });
    expect(world.agent.status).toMatchObject({ phase: 'Progressing', release: { name: 'support-1', phase: 'Promoting' } });
  });

  it('is superseded by another spec, and says since when it was tried', async () => {
    const world = await begun();
    world.pass(5_000);
    world.ask('good 2');
    for (let looks = 0; looks < 40; looks += 1) {
      await world.reconcile();
      world.pass(1_000);
    }
    const { status } = world.releases[0]!;
    expect(status).toMatchObject({ phase: 'Superseded', startedAt: made, durations: { totalMilliseconds: 5_000 } });
    expect(status?.transitions?.map(({ phase }) => phase)).toEqual(['Preparing', 'Promoting', 'Superseded']);
    expect(world.agent.status).toMatchObject({ phase: 'Healthy', release: { name: 'support-2' } });
  });

  it('has no pods made for a Release that was there already: it may have gone on', async () => {
    const world = new World({ rollout: { gates: {} } });
    world.ask('good 1');
    world.cluster.onWrite = (verb, object) => {
      if (verb === 'create' && object.kind === 'Release') world.cluster.put({ group: 'sluice.dev', version: 'v1alpha1', plural: 'releases', kind: 'Release', scope: 'Namespaced' } as never, object);
    };
    await expect(world.reconcile()).rejects.toThrow('not the one that was looked at');
    expect(world.deployments).toEqual([]);
  });
});
