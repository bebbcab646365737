import type { AgentDeployment, IntentVerb, Release, ReleasePhase } from '@sluice/crds';
import { deployments } from '@sluice/kube';
import { describe, expect, it } from 'vitest';
import { agentDeployments, evalRuns, releases } from '../resources.ts';
import { shardLabel } from '../sharding/shard.ts';
import type { AgentSketch } from './manifests.ts';
import { expireLease, liveUntil, type Mortality } from './mortal-operators.ts';
import { makeIdentity } from './operator-identity.ts';
import { playedCluster } from './played-cluster.ts';
import { RunningOperator } from './running-operator.ts';
import { phasesOf, Scene, stableOf } from './scene.ts';
import { longStep } from './stories/phases.ts';
import { call } from './test-cluster.ts';

const cluster = playedCluster();
const shortStep = [{ weight: 50, duration: '1s' }];
const approval = { policy: 'Required', timeout: '1h', onTimeout: 'RollBack' } as const;
/** Each write is lost with the life of one operator, and made in the last moment of the next one. */
const atEachWrite: Mortality['dies'] = (proxy, life) => proxy.cutAtNextWrite(life % 2 === 0 ? 'before' : 'after');

interface Wish {
  readonly title: string;
  readonly before: readonly AgentSketch[];
  /** Where the last release stands when it is asked. */
  readonly stands: ReleasePhase;
  readonly verbs: readonly IntentVerb[];
  /** The latest release in the end, and what it went through. */
  readonly ends: string;
  readonly phases: readonly string[];
  /** The release whose revision serves. */
  readonly serving: string;
}

const wishes: readonly Wish[] = [
  {
    title: 'abort', before: [{ prompt: 'one' }, { prompt: 'two', steps: longStep }], stands: 'Shifting', verbs: ['Abort'], ends: 'support-2', serving: 'support-1',
    phases: ['Preparing: ReleaseStarted', 'Shifting: StepStarted', 'RollingBack: Aborted', 'Aborted: Aborted'],
  },
  {
    title: 'undo', before: [{ prompt: 'one' }, { prompt: 'two' }], stands: 'Promoted', verbs: ['Undo'], ends: 'support-3', serving: 'support-1',
    phases: ['Preparing: ReleaseStarted', 'Promoting: PromotedBefore', 'Promoted: Promoted'],
  },
  {
    title: 'approve', before: [{ prompt: 'one' }, { prompt: 'two', steps: shortStep, approval }], stands: 'AwaitingApproval', verbs: ['Promote'], ends: 'support-2', serving: 'support-2',
    phases: ['Preparing: ReleaseStarted', 'Shifting: StepStarted', 'AwaitingApproval: ApprovalRequired', 'Promoting: Approved', 'Promoted: Promoted'],
  },
  {
    title: 'retry', before: [{ prompt: 'one' }, { prompt: 'two [eval:failing]', evals: 'golden' }], stands: 'RolledBack', verbs: ['Retry'], ends: 'support-3', serving: 'support-1',
    phases: ['Preparing: ReleaseStarted', 'Evaluating: EvaluationStarted', 'RolledBack: EvaluationFailed'],
  },
  {
    title: 'pause', before: [{ prompt: 'one' }, { prompt: 'two', steps: longStep }], stands: 'Shifting', verbs: ['Pause', 'Resume', 'PromoteFull'], ends: 'support-2', serving: 'support-2',
    phases: ['Preparing: ReleaseStarted', 'Shifting: StepStarted', 'Paused: Paused', 'Shifting: Resumed', 'Promoting: PromotedInFull', 'Promoted: Promoted'],
  },
];

/** For a story of many writes that need nothing of each other, each of which may be the last of a life. */
const amongWrites: Mortality['dies'] = (proxy) => proxy.cutAfterWrites(3);

/** The story up to the wish, with an operator that is killed when all is as it should be. */
async function upTo(title: string, before: readonly AgentSketch[], stands: ReleasePhase): Promise<{ readonly scene: Scene; readonly mortality: Mortality }> {
  const scene = await Scene.open(cluster(), title);
  const identity = await makeIdentity(cluster(), [scene.namespace]);
  const operator = await RunningOperator.start(cluster(), identity, 'operator-before');
  for (const [index, sketch] of before.entries()) {
    await scene.applyAgent(sketch);
    if (index < before.length - 1) await scene.untilHealthy();
  }
  const name = `support-${before.length}`;
  await scene.untilRelease(name, `is ${stands}`, (status) => status.phase === stands && (stands !== 'Shifting' || status.stepStartedAt !== undefined));
  await operator.kill();
  await expireLease(cluster(), identity);
  return { scene, mortality: { cluster: cluster(), identity, dies: atEachWrite } };
}

async function wish(scene: Scene, name: string, verb: IntentVerb): Promise<void> {
  const { spec } = await scene.get(releases, name);
  await scene.admin.mergePatch(releases, { namespace: scene.namespace, name }, { spec: { intent: { verb, revision: spec.revision, requestId: `wish-${verb}`, by: 'story' } } }, call);
}

async function isAnswered(scene: Scene, name: string, verb: IntentVerb): Promise<boolean> {
  const { status } = await scene.get(releases, name);
  return status?.handledIntent?.requestId === `wish-${verb}`;
}

/** Nothing is on its way and nothing is left over: one Deployment, and a status that speaks of the latest release. */
async function isOver(scene: Scene, release: string): Promise<boolean> {
  const { metadata, status } = await scene.agent();
  const found = (await scene.find(releases, release))?.status;
  const spoken = status?.observedGeneration === metadata.generation && status?.release?.name === release && status.release.phase === found?.phase && status.stable?.readyReplicas === 2;
  return spoken && found?.finishedAt !== undefined && (await scene.list(deployments)).length === 1;
}

function bySequence(left: Release, right: Release): number {
  return left.metadata.name.localeCompare(right.metadata.name);
}

describe.concurrent('an operator that is killed right before and right after each write', { timeout: 480_000 }, () => {
  it.each(wishes)('does what is asked all the same: $title', async ({ title, before, stands, verbs, ends, phases, serving }) => {
    const { scene, mortality } = await upTo(`dies-${title}`, before, stands);
    const asked = `support-${before.length}`;
    let lives = 0;
    for (const verb of verbs) {
      await wish(scene, asked, verb);
      lives += await liveUntil(() => isAnswered(scene, asked, verb), mortality);
    }
    lives += await liveUntil(() => isOver(scene, ends), mortality);
    expect(lives, 'it was killed before and after the write that decides').toBeGreaterThan(1);
    const found = (await scene.list(releases)).toSorted(bySequence);
    expect(found.at(-1)?.metadata.name, 'it was done once').toBe(ends);
    expect(phasesOf(found.at(-1)!)).toEqual(phases);
    expect(found.find(({ metadata }) => metadata.name === asked)?.status?.handledIntent).toMatchObject({ verb: verbs.at(-1), outcome: 'Accepted', by: 'story' });
    const { revision } = (await scene.get(releases, serving)).spec;
    expect(stableOf(await scene.agent())).toBe(revision);
    await scene.untilDeployments({ [revision]: 2 });
    const runs = (await scene.list(evalRuns)).map(({ spec }) => `${spec.release} ${spec.suite.name}`);
    expect(runs, 'a suite was run once for a release').toEqual([...new Set(runs)]);
  });

  it('takes an agent over in mid-release from a shard whose operator is gone, each life ending after its third write; the release goes on where it stood', async () => {
    const { scene, mortality } = await upTo('dies-move', [{ prompt: 'one' }, { prompt: 'two', steps: longStep }], 'Shifting');
    const before = await scene.get(releases, 'support-2');
    await scene.admin.mergePatch(agentDeployments, { namespace: scene.namespace, name: 'support' }, { metadata: { labels: { [shardLabel]: 'red' } } }, call);
    const isTaken = ({ status }: AgentDeployment): boolean => status?.shard === 'red' && status.takeOver === undefined;
    const lives = await liveUntil(async () => isTaken(await scene.agent()), { ...mortality, shard: 'red', dies: amongWrites });
    expect(lives, 'the relabelling was cut off more than once').toBeGreaterThan(1);
    expect(phasesOf(await scene.get(releases, 'support-2'))).toEqual(phasesOf(before));
    await wish(scene, 'support-2', 'PromoteFull');
    await liveUntil(() => isOver(scene, 'support-2'), { ...mortality, shard: 'red', dies: () => undefined });
    await scene.untilDeployments({ [(await scene.get(releases, 'support-2')).spec.revision]: 2 });
    expect((await scene.list(releases)).toSorted(bySequence).map(({ metadata, status }) => `${metadata.name} ${status?.phase ?? ''}`)).toEqual(['support-1 Promoted', 'support-2 Promoted']);
  });
});
