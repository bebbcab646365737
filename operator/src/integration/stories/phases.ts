import type { Release, ReleasePhase } from '@sluice/crds';
import { releases } from '../../resources.ts';
import type { AgentSketch } from '../manifests.ts';
import type { Scene } from '../scene.ts';
import { call } from '../test-cluster.ts';

/** Too long for a test to end by itself. */
export const longStep = [{ weight: 50, duration: '10m' }];
const shortStep = [{ weight: 50, duration: '1s' }];

export interface StandingPhase {
  readonly phase: ReleasePhase;
  /** The agent before; without one the release is the agent's first. */
  readonly before?: AgentSketch;
  readonly sketch: AgentSketch;
  /** What a person asks of the release. */
  readonly verb?: 'Pause';
}

/** Releases that stay in a phase for as long as a test looks at it. */
export const standingPhases: readonly StandingPhase[] = [
  { phase: 'Evaluating', sketch: { prompt: 'one [eval:waiting]', evals: 'golden' } },
  { phase: 'Shifting', before: { prompt: 'one' }, sketch: { prompt: 'two', steps: longStep } },
  { phase: 'AwaitingApproval', before: { prompt: 'one' }, sketch: { prompt: 'two', steps: shortStep, approval: { policy: 'Required', timeout: '1h', onTimeout: 'RollBack' } } },
  { phase: 'Promoting', sketch: { prompt: 'one [pods:stuck]' } },
  { phase: 'Paused', before: { prompt: 'one' }, sketch: { prompt: 'two', steps: longStep }, verb: 'Pause' },
  { phase: 'Held', before: { prompt: 'one' }, sketch: { prompt: 'two', steps: longStep, freezes: [{ name: 'always', schedule: '* * * * *', duration: '10m', timeZone: 'UTC' }] } },
];

/** Brings an agent into the phase. Returns its release and what was applied last. */
export async function bringInto(scene: Scene, { phase, before, sketch, verb }: StandingPhase): Promise<Release> {
  const name = before === undefined ? 'support-1' : 'support-2';
  if (before !== undefined) {
    await scene.applyAgent(before);
    await scene.untilHealthy();
  }
  await scene.applyAgent(sketch);
  if (verb !== undefined) {
    const { spec } = await scene.untilRelease(name, 'is in its step', (status) => status.phase === 'Shifting' && status.stepStartedAt !== undefined);
    await scene.admin.mergePatch(releases, { namespace: scene.namespace, name }, { spec: { intent: { verb, revision: spec.revision, requestId: 'story-1', by: 'story' } } }, call);
  }
  return scene.untilPhase(name, phase);
}
