import { deployments, systemClock } from '@sluice/kube';
import { expect } from 'vitest';
import { releases } from '../resources.ts';
import { settleMs } from '../revision/index.ts';
import { HostedOperator } from './hosted-operator.ts';
import { expireLease, type Life, liveUntil, type MortalOperator, type Mortality } from './mortal-operators.ts';
import type { MortalStory } from './mortal-stories.ts';
import { Deaths, inWords, made, titleOf } from './mortal-writes.ts';
import { makeIdentity, type OperatorIdentity } from './operator-identity.ts';
import { RunningOperator } from './running-operator.ts';
import { Scene } from './scene.ts';
import type { TestCluster } from './test-cluster.ts';
import { until } from './until.ts';

/** 'Hosted': see hosted-operator.ts. 'Process': each life is one, ended with SIGKILL. */
export type Body = 'Hosted' | 'Process';

/** Without a write so long, nothing more is on its way; longer than a Secret that has been seen is unsettled (revision/secret-version.ts). Milliseconds. */
const quietMs = settleMs + 1_000;

const bodies = {
  Hosted: HostedOperator.start.bind(HostedOperator),
  Process: RunningOperator.start.bind(RunningOperator),
} satisfies Record<Body, unknown>;

/** A story up to where somebody may die, and the operator that has brought it there. */
export interface Begun {
  readonly scene: Scene;
  readonly identity: OperatorIdentity;
  readonly operator: MortalOperator;
}

export async function begin(cluster: TestCluster, title: string, before: MortalStory['before']): Promise<Begun> {
  const scene = await Scene.open(cluster, title);
  const identity = await makeIdentity(cluster, [scene.namespace]);
  const operator = await HostedOperator.start(cluster, identity, 'operator-before');
  try {
    await before(scene);
    await rest(operator);
  } catch (error) {
    throw new Error(`${title}: ${error instanceof Error ? error.message : String(error)}; its operator has said:\n${operator.log}`, { cause: error });
  }
  return { scene, identity, operator };
}

/** What still followed from what came before is written, and Secrets that have just been seen are settled. */
async function rest({ proxy }: MortalOperator): Promise<void> {
  let [count, since] = [-1, 0];
  const busy = (): number => made(proxy.requests).length + proxy.requests.filter(({ resource, code }) => resource === 'secrets' && code > 0).length;
  await until('it rests', () => Promise.resolve(busy()), (now) => {
    if (now !== count) [count, since] = [now, systemClock.now()];
    return count > 0 && systemClock.now() - since >= quietMs;
  });
}

/** Nothing is on its way and nothing is left over: one Deployment an agent, and a status that speaks of its latest release. What may be told later is not waited for. */
export async function isOver(scene: Scene, ends: readonly string[]): Promise<boolean> {
  for (const release of ends) if (!(await isOverFor(scene, release))) return false;
  return true;
}

async function isOverFor(scene: Scene, release: string): Promise<boolean> {
  const found = await scene.find(releases, release);
  if (found?.status?.finishedAt === undefined) return false;
  const { agentName } = found.spec;
  const { metadata, status } = await scene.agent(agentName);
  const told = status?.observedGeneration === metadata.generation && status?.phase !== 'Progressing' && status?.release?.name === release;
  const adopted = status?.conditions?.find(({ type }) => type === 'Adopted')?.status ?? 'True';
  const own = (await scene.list(deployments)).filter((deployment) => deployment.metadata.name.startsWith(`${agentName}-`));
  return told && adopted === 'True' && own.length === 1 && own[0]?.status?.readyReplicas === 2;
}

/** Tells the rest with the operator that began, which goes on living. Returns the titles of the writes that it made for that. */
export async function liveThrough({ scene, operator }: Begun, { deeds, ends }: Pick<MortalStory, 'deeds' | 'ends'>): Promise<readonly string[]> {
  const before = operator.proxy.requests.length;
  for (const { act, isAnswered } of deeds) {
    await act(scene);
    await until('it is answered', () => isAnswered(scene), (answered) => answered);
  }
  await until('it is over', () => isOver(scene, ends), (over) => over);
  return made(operator.proxy.requests.slice(before)).map(titleOf);
}

export interface Died {
  readonly deaths: Deaths;
  readonly lives: readonly Life[];
}

/** Tells the rest with operators that die at each write, until `ended`. */
export async function dieThrough(cluster: TestCluster, begun: Begun, { deeds, body }: Pick<MortalStory, 'deeds'> & { readonly body: Body }, ended: () => Promise<boolean>): Promise<Died> {
  const { scene, operator, identity } = begun;
  await operator.kill();
  await expireLease(cluster, identity);
  const deaths = new Deaths();
  const mortality = mortalityOf(cluster, identity, { body, deaths });
  const lives: Life[] = [];
  for (const { act, isAnswered } of deeds) {
    await act(scene);
    lives.push(...(await liveUntil(() => isAnswered(scene), mortality)));
  }
  lives.push(...(await liveUntil(ended, mortality)));
  return { deaths, lives };
}

export interface Dying {
  readonly body: Body;
  readonly deaths: Deaths;
  readonly shard?: string;
}

export function mortalityOf(cluster: TestCluster, identity: OperatorIdentity, { body, deaths, shard }: Dying): Mortality {
  return {
    begin: (life, prepare) => bodies[body](cluster, identity, `operator-${life}`, { prepare, ...(shard === undefined ? {} : { shard }) }),
    dies: (proxy) => deaths.awaits(proxy),
    bury: () => expireLease(cluster, identity, shard === undefined ? undefined : `sluice-operator-${shard}`),
  };
}

/** Each of the writes that an operator made which lived was lost with one life, and made with the end of another. */
export async function expectDeathAtEach(writes: readonly string[], mortal: Scene, { deaths, lives }: Died): Promise<void> {
  const found = await mortal.list(releases);
  const [lost, done] = [inWords(deaths.lost, found), inWords(deaths.made, found)];
  expect(writes.filter((write) => !lost.includes(write)), `lost: ${lost.join('; ')}`).toEqual([]);
  expect(writes.filter((write) => !done.includes(write)), `made: ${done.join('; ')}`).toEqual([]);
  expect(writes.length).toBeGreaterThan(1);
  expect(lives.length, 'a life for every write that was lost, and one for every write that was made').toBeGreaterThanOrEqual(2 * (writes.length + 1));
  expect(lives.flatMap(({ forbidden }) => forbidden)).toEqual([]);
}
