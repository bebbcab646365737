import type { AgentDeployment } from '@sluice/crds';
import { describe, expect, it } from 'vitest';
import { agentDeployments, releases } from '../resources.ts';
import { shardLabel } from '../sharding/shard.ts';
import { expectSameEnd } from './end-state.ts';
import { HostedOperator } from './hosted-operator.ts';
import { expireLease, type Life, liveUntil } from './mortal-operators.ts';
import { begin, type Begun, expectDeathAtEach, isOver, mortalityOf } from './mortal-scene.ts';
import { inStep, wishes } from './mortal-stories.ts';
import { Deaths, inWords, made, titleOf } from './mortal-writes.ts';
import { playedCluster } from './played-cluster.ts';
import type { Fate, RecordingProxy } from './recording-proxy.ts';
import { phasesOf, type Scene } from './scene.ts';
import { call } from './test-cluster.ts';
import { until } from './until.ts';

/** For a machine that is busy with other work, milliseconds. */
const storyTimeoutMs = 600_000;
const shards = ['red', 'blue'] as const;
const promoteInFull = wishes('PromoteFull', 'support-2');

const cluster = playedCluster();

async function label(scene: Scene, shard: string): Promise<void> {
  await scene.admin.mergePatch(agentDeployments, { namespace: scene.namespace, name: 'support' }, { metadata: { labels: { [shardLabel]: shard } } }, call);
}

/** The first two of them are cut off before and after their first write, the next two at their second, and so on. */
function diesLaterEachTime(): (proxy: RecordingProxy) => void {
  let life = -1;
  return (proxy) => {
    life += 1;
    let left = Math.floor(life / 2);
    const fate: Fate = life % 2 === 0 ? 'before' : 'after';
    proxy.cutAtWrites(({ resource }) => {
      if (resource === 'leases') return 'passes';
      left -= 1;
      return left < 0 ? fate : 'passes';
    });
  };
}

function isIn(shard: string): (agent: AgentDeployment) => boolean {
  return ({ status }) => status?.shard === shard && status.takeOver === undefined && status.searchAgainAt === undefined;
}

interface Moved {
  /** What the operator of the shard wrote to take the agent over. */
  readonly writes: readonly string[];
  readonly red: HostedOperator;
}

/** One move to the shard red, whose operator lives, and the rest of the release there. */
async function moved({ scene, identity, operator }: Begun): Promise<Moved> {
  await label(scene, 'red');
  const red = await HostedOperator.start(cluster(), identity, 'operator-red', { shard: 'red' });
  await until('it is taken over', () => scene.agent(), isIn('red'));
  const writes = inWords(made(red.proxy.requests).map(titleOf), await scene.list(releases));
  await promoteInFull.act(scene);
  await until('it is promoted there', () => isOver(scene, ['support-2']), (over) => over);
  await operator.kill();
  return { writes, red };
}

describe.concurrent('an agent in mid-release that goes to another shard', { timeout: storyTimeoutMs }, () => {
  it('is taken over by operators that are killed right before and right after each write, beside its former one, which lives; the release goes on where it stood', async () => {
    const [lived, mortal] = await Promise.all([begin(cluster(), 'lives-move', inStep), begin(cluster(), 'dies-move', inStep)]);
    const { scene, identity, operator } = mortal;
    const before = phasesOf(await scene.get(releases, 'support-2'));
    const taking = async () => {
      await label(scene, 'red');
      const deaths = new Deaths();
      const lives = await liveUntil(async () => isIn('red')(await scene.agent()), mortalityOf(cluster(), identity, { body: 'Hosted', deaths, shard: 'red' }));
      return { deaths, lives };
    };
    const [{ writes, red: last }, died] = await Promise.all([moved(lived), taking()]);
    expect(writes.length, 'every object is written to, and the agent before and after').toBeGreaterThan(10);
    await expectDeathAtEach(writes, scene, died);
    expect(phasesOf(await scene.get(releases, 'support-2'))).toEqual(before);
    await promoteInFull.act(scene);
    const red = await HostedOperator.start(cluster(), identity, 'operator-red', { shard: 'red' });
    await expectSameEnd(lived.scene, scene);
    await Promise.all([operator.kill(), red.kill(), last.kill()]);
  });

  it('goes on to the next shard at each of the writes of its operators: the first is killed at its first write, the second after two, and so on', async () => {
    const [lived, mortal] = await Promise.all([begin(cluster(), 'lives-moves', inStep), begin(cluster(), 'dies-moves', inStep)]);
    const { scene, identity } = mortal;
    const moving = async (): Promise<readonly Life[]> => {
      await mortal.operator.kill();
      await promoteInFull.act(scene);
      let shard = 'none';
      const lives = await liveUntil(async () => isIn(shard)(await scene.agent()) && isOver(scene, ['support-2']), {
        begin: async (life, prepare) => {
          shard = shards[life % 2] ?? 'none';
          await label(scene, shard);
          return HostedOperator.start(cluster(), identity, `operator-${life}`, { shard, prepare });
        },
        dies: diesLaterEachTime(),
        bury: async () => {
          for (const each of shards) await expireLease(cluster(), identity, `sluice-operator-${each}`);
        },
      });
      await label(scene, 'red');
      return lives;
    };
    const [{ writes, red: last }, lives] = await Promise.all([moved(lived), moving()]);
    expect(lives.length, 'twice for each number of writes').toBeGreaterThan(2 * writes.length);
    const red = await HostedOperator.start(cluster(), identity, 'operator-last', { shard: 'red' });
    await expectSameEnd(lived.scene, scene);
    await Promise.all([red.kill(), last.kill()]);
  });
});
