import { type ResourceType, systemClock } from '@sluice/kube';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { releases } from '../resources.ts';
import { httpRoutes } from '../traffic/http-routes.ts';
import { areAlike, expectSameEnd, untoldMs } from './end-state.ts';
import { installGatewayApi } from './gateway-api.ts';
import { begin, type Body, dieThrough, expectDeathAtEach, isOver, liveThrough } from './mortal-scene.ts';
import { firstRelease, type MortalStory, mortalStories } from './mortal-stories.ts';
import { inWords } from './mortal-writes.ts';
import { playedCluster } from './played-cluster.ts';
import { PlayedGateway } from './played-gateway.ts';
import { phasesOf, type Scene, stableOf } from './scene.ts';

/** For a machine that is busy with other work, milliseconds. */
const storyTimeoutMs = 600_000;
const besides = [httpRoutes] as unknown as readonly ResourceType[];

const cluster = playedCluster();
let gateway: PlayedGateway;

beforeAll(async () => {
  await installGatewayApi(cluster());
  gateway = PlayedGateway.start(cluster());
});

afterAll(() => gateway?.stop());

describe.concurrent('an operator that is killed right before and right after each write', { timeout: storyTimeoutMs }, () => {
  it.each(mortalStories.map((story) => [story.title, story] as const))('ends where one ends that lives: %s', (_title, story) => expectTheEndOf(story, 'Hosted'));

  it('ends where one ends that lives when each life is a process that gets SIGKILL', () => expectTheEndOf(firstRelease, 'Process'));
});

async function expectTheEndOf(story: MortalStory, body: Body): Promise<void> {
  const title = story.title.toLowerCase().replaceAll(' ', '-').slice(0, 30);
  const [lived, mortal] = await Promise.all([begin(cluster(), `lives-${title}`, story.before), begin(cluster(), `dies-${title}`, story.before)]);
  const living = liveThrough(lived, story);
  const ended = sameEnd(lived.scene, mortal.scene, { ends: story.ends, living });
  const [writes, died] = await Promise.all([living, dieThrough(cluster(), mortal, { ...story, body }, ended)]);
  for (const { scene } of [lived, mortal]) await expectEnd(scene, story);
  await expectSameEnd(lived.scene, mortal.scene, besides);
  await lived.operator.kill();
  await expectDeathAtEach(inWords(writes, await lived.scene.list(releases)), mortal.scene, died);
}

/** Whether both stories are over, and nothing differs any more. */
function sameEnd(lived: Scene, mortal: Scene, { ends, living }: Pick<MortalStory, 'ends'> & { readonly living: Promise<unknown> }): () => Promise<boolean> {
  const progress = { living: 'Untold', overSince: Infinity };
  void living.finally(() => (progress.living = 'Told')).catch(() => undefined);
  return async () => {
    if (progress.living === 'Untold' || !(await isOver(mortal, ends))) return false;
    progress.overSince = Math.min(progress.overSince, systemClock.now());
    return systemClock.now() - progress.overSince > untoldMs || areAlike(lived, mortal, besides);
  };
}

async function expectEnd(scene: Scene, { ends, phases, serving }: MortalStory): Promise<void> {
  const [latest = ''] = ends;
  expect(phasesOf(await scene.get(releases, latest))).toEqual(phases);
  expect(stableOf(await scene.agent())).toBe((await scene.get(releases, serving)).spec.revision);
}
