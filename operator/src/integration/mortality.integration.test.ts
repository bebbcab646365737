import { systemClock } from '@sluice/kube';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { releases } from '../resources.ts';
import { httpRoutes } from '../traffic/http-routes.ts';
import { areAlike, type EndStateOptions, expectSameEnd } from './end-state.ts';
import { installGatewayApi } from './gateway-api.ts';
import { HostedOperator } from './hosted-operator.ts';
import type { MortalOperator } from './mortal-operators.ts';
import { begin, type Body, dieThrough, expectDeathAtEach, isOver, liveThrough } from './mortal-scene.ts';
import { firstRelease, hasCopies, type MortalStory, mortalStories } from './mortal-stories.ts';
import { inWords } from './mortal-writes.ts';
import { playedCluster } from './played-cluster.ts';
import { PlayedGateway } from './played-gateway.ts';
import { phasesOf, type Scene, stableOf } from './scene.ts';

/** For a machine that is busy with other work, milliseconds. */
const storyTimeoutMs = 600_000;
/** Longer than controllers and pods take to follow; what still differs then is shown. Milliseconds. */
const patienceMs = 60_000;
const routed: EndStateOptions = { besides: [httpRoutes] };
const atOnce: EndStateOptions = { ...routed, news: 'AtOnce' };

/** A story that was told twice, each with the operator that is left. */
interface Told {
  readonly lived: Scene;
  readonly mortal: Scene;
  readonly operators: readonly MortalOperator[];
}

const cluster = playedCluster();
const told: Told[] = [];
let gateway: PlayedGateway;

beforeAll(async () => {
  await installGatewayApi(cluster());
  gateway = PlayedGateway.start(cluster());
});

afterAll(async () => {
  await Promise.all(told.flatMap(({ operators }) => operators).map((operator) => operator.kill()));
  await gateway?.stop();
});

describe.concurrent('an operator that is killed right before and right after each write', { timeout: storyTimeoutMs }, () => {
  it.each(mortalStories.map((story) => [story.title, story] as const))('ends where one ends that lives: %s', (_title, story) => expectTheEndOf(story, 'Hosted'));

  it('ends where one ends that lives when each life is a process that gets SIGKILL', () => expectTheEndOf(firstRelease, 'Process'));
});

describe('what is told later of an agent', { timeout: storyTimeoutMs }, () => {
  it('is the same as well, after each of the stories', async () => {
    expect(told.length).toBeGreaterThan(0);
    await Promise.all(told.map(({ lived, mortal }) => expectSameEnd(lived, mortal, routed)));
  });
});

async function expectTheEndOf(story: MortalStory, body: Body): Promise<void> {
  const title = story.title.toLowerCase().replaceAll(' ', '-').slice(0, 30);
  const [lived, mortal] = await Promise.all([begin(cluster(), `lives-${title}`, story.before), begin(cluster(), `dies-${title}`, story.before)]);
  const living = liveThrough(lived, story);
  const ended = sameEnd(lived.scene, mortal.scene, { ends: story.ends, living });
  const [writes, died] = await Promise.all([living, dieThrough(cluster(), mortal, { ...story, body }, ended)]);
  const last = await HostedOperator.start(cluster(), mortal.identity, 'operator-last');
  told.push({ lived: lived.scene, mortal: mortal.scene, operators: [lived.operator, last] });
  for (const { scene } of [lived, mortal]) await expectEnd(scene, story);
  await expectSameEnd(lived.scene, mortal.scene, atOnce);
  await expectDeathAtEach(inWords(writes, await lived.scene.list(releases)), mortal.scene, died);
}

/** Whether both stories are over, and nothing differs any more but what may be told later. */
function sameEnd(lived: Scene, mortal: Scene, { ends, living }: Pick<MortalStory, 'ends'> & { readonly living: Promise<unknown> }): () => Promise<boolean> {
  const progress = { living: 'Untold', overSince: Infinity };
  void living.finally(() => (progress.living = 'Told')).catch(() => undefined);
  return async () => {
    if (progress.living === 'Untold' || !(await isOver(mortal, ends))) return false;
    progress.overSince = Math.min(progress.overSince, systemClock.now());
    return systemClock.now() - progress.overSince > patienceMs || areAlike(lived, mortal, atOnce);
  };
}

async function expectEnd(scene: Scene, { ends, phases, serving }: MortalStory): Promise<void> {
  const [latest = ''] = ends;
  expect(phasesOf(await scene.get(releases, latest))).toEqual(phases);
  expect(stableOf(await scene.agent())).toBe((await scene.get(releases, serving)).spec.revision);
  expect((await scene.list(httpRoutes)).filter(({ spec }) => hasCopies(spec)), 'no request is copied any more').toEqual([]);
}
