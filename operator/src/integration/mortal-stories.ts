import type { IntentVerb, ReleasePhase } from '@sluice/crds';
import { deployments, services } from '@sluice/kube';
import { releases } from '../resources.ts';
import { type HTTPRoute, httpRoutes } from '../traffic/http-routes.ts';
import type { AgentSketch } from './manifests.ts';
import { takesAll } from './played-gateway.ts';
import type { Scene } from './scene.ts';
import { longStep } from './stories/phases.ts';
import { call } from './test-cluster.ts';
import { until } from './until.ts';

/** What a person does, which is answered before the next. */
export interface Deed {
  readonly act: (scene: Scene) => Promise<unknown>;
  readonly isAnswered: (scene: Scene) => Promise<boolean>;
}

export interface MortalStory {
  readonly title: string;
  /** What is brought about by an operator that lives, before anybody dies. */
  readonly before: (scene: Scene) => Promise<void>;
  readonly deeds: readonly Deed[];
  /** The latest release of each agent in the end; that of "support" first. */
  readonly ends: readonly string[];
  /** What the latest release of "support" went through. */
  readonly phases: readonly string[];
  /** The release of "support" whose revision serves. */
  readonly serving: string;
}

/** Steps without objectives, whose evidence takes its time. */
const brief: AgentSketch = { steps: [{ weight: 50, duration: '1s' }], objectives: 'none' };
const long: AgentSketch = { steps: longStep, objectives: 'none' };
const dark: AgentSketch = { steps: [{ weight: 0, duration: '1s' }, { weight: 50, duration: '1s' }], objectives: 'none' };
/** Copied for as long as nobody does anything about it. */
const copied: AgentSketch = { steps: [{ mirrorPercent: 50, duration: '10m' }, { weight: 50, duration: '1s' }], objectives: 'none' };
const approval = { policy: 'Required', timeout: '1h', onTimeout: 'RollBack' } as const;
const autoscaling = { minReplicas: 2, maxReplicas: 4, targetCPUUtilizationPercent: 70 };
const route = { parentRefs: [{ name: takesAll }], hostnames: ['support.example.com'], pathPrefix: '/support' };
const one: AgentSketch = { prompt: 'one' };

function applies(sketch: AgentSketch): Deed {
  return { act: (scene) => scene.applyAgent(sketch), isAnswered: () => Promise.resolve(true) };
}

export function wishes(verb: IntentVerb, of: string): Deed {
  const requestId = `wish-${verb}`;
  return {
    act: async (scene) => {
      const { spec } = await scene.get(releases, of);
      await scene.admin.mergePatch(releases, { namespace: scene.namespace, name: of }, { spec: { intent: { verb, revision: spec.revision, requestId, by: 'story' } } }, call);
    },
    isAnswered: async (scene) => (await scene.get(releases, of)).status?.handledIntent?.requestId === requestId,
  };
}

/** Agents as they are applied one after the other, each of them served before the next. */
function served(...sketches: readonly AgentSketch[]): MortalStory['before'] {
  return async (scene) => {
    for (const sketch of sketches) {
      await scene.applyAgent(sketch);
      await scene.untilHealthy(sketch.name);
    }
  };
}

function stands(release: string, phase: ReleasePhase): MortalStory['before'] {
  return async (scene) => {
    await scene.untilRelease(release, `is ${phase}`, (status) => status.phase === phase && (phase !== 'Shifting' || status.stepStartedAt !== undefined));
  };
}

function inTurn(...parts: readonly MortalStory['before'][]): MortalStory['before'] {
  return async (scene) => {
    for (const part of parts) await part(scene);
  };
}

function begun(sketch: AgentSketch, release: string, phase: ReleasePhase): MortalStory['before'] {
  return inTurn((scene) => scene.applyAgent(sketch).then(() => undefined), stands(release, phase));
}

async function copies(scene: Scene): Promise<void> {
  await until('requests are copied', () => scene.get(httpRoutes, 'support'), ({ spec }) => hasCopies(spec));
}

export function hasCopies({ rules = [] }: HTTPRoute['spec']): boolean {
  return rules.some(({ filters = [] }) => filters.some(({ type }) => type === 'RequestMirror'));
}

const promotedBySteps = ['Shifting: StepStarted', 'Promoting: AllStepsPassed', 'Promoted: Promoted'];
export const inStep = inTurn(served(one), begun({ prompt: 'two', ...long }, 'support-2', 'Shifting'));

const byHand = { app: 'legacy' };

async function madeByHand(scene: Scene): Promise<void> {
  await scene.apply(deployments, {
    apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'legacy' },
    spec: { replicas: 4, selector: { matchLabels: byHand }, template: { metadata: { labels: byHand }, spec: { containers: [{ name: 'app', image: 'legacy:1' }] } } },
  });
  await scene.apply(services, { apiVersion: 'v1', kind: 'Service', metadata: { name: 'support' }, spec: { selector: byHand, ports: [{ port: 80, targetPort: 9000 }] } });
}

export const firstRelease: MortalStory = {
  title: 'the first release', before: served(), deeds: [applies(one)], ends: ['support-1'], serving: 'support-1',
  phases: ['Preparing: ReleaseStarted', 'Promoting: NoSteps', 'Promoted: Promoted'],
};

export const mortalStories: readonly MortalStory[] = [
  firstRelease,
  {
    title: 'abort', before: inStep, deeds: [wishes('Abort', 'support-2')], ends: ['support-2'], serving: 'support-1',
    phases: ['Preparing: ReleaseStarted', 'Shifting: StepStarted', 'RollingBack: Aborted', 'Aborted: Aborted'],
  },
  {
    title: 'undo', before: served(one, { prompt: 'two' }), deeds: [wishes('Undo', 'support-2')], ends: ['support-3'], serving: 'support-1',
    phases: ['Preparing: ReleaseStarted', 'Promoting: PromotedBefore', 'Promoted: Promoted'],
  },
  {
    title: 'approve', before: inTurn(served(one), begun({ prompt: 'two', ...brief, approval }, 'support-2', 'AwaitingApproval')),
    deeds: [wishes('Promote', 'support-2')], ends: ['support-2'], serving: 'support-2',
    phases: ['Preparing: ReleaseStarted', 'Shifting: StepStarted', 'AwaitingApproval: ApprovalRequired', 'Promoting: Approved', 'Promoted: Promoted'],
  },
  {
    title: 'retry', before: inTurn(served(one), begun({ prompt: 'two [eval:failing]', evals: 'golden' }, 'support-2', 'RolledBack')),
    deeds: [wishes('Retry', 'support-2')], ends: ['support-3'], serving: 'support-1',
    phases: ['Preparing: ReleaseStarted', 'Evaluating: EvaluationStarted', 'RolledBack: EvaluationFailed'],
  },
  {
    title: 'pause', before: inStep, deeds: [wishes('Pause', 'support-2'), wishes('Resume', 'support-2'), wishes('PromoteFull', 'support-2')], ends: ['support-2'], serving: 'support-2',
    phases: ['Preparing: ReleaseStarted', 'Shifting: StepStarted', 'Paused: Paused', 'Shifting: Resumed', 'Promoting: PromotedInFull', 'Promoted: Promoted'],
  },
  {
    title: 'a release that is superseded', before: inStep, deeds: [applies({ prompt: 'three', ...brief })], ends: ['support-3'], serving: 'support-3',
    phases: ['Preparing: ReleaseStarted', ...promotedBySteps],
  },
  {
    title: 'a revision that fails', before: served(one), deeds: [applies({ prompt: 'two [live:failing]', steps: longStep })], ends: ['support-2'], serving: 'support-1',
    phases: ['Preparing: ReleaseStarted', 'Shifting: StepStarted', 'RollingBack: ObjectiveFailed', 'RolledBack: ObjectiveFailed'],
  },
  {
    title: 'a release of an autoscaled agent', before: served({ ...one, autoscaling }), deeds: [applies({ prompt: 'two', autoscaling, ...brief, evals: 'golden' })],
    ends: ['support-2'], serving: 'support-2', phases: ['Preparing: ReleaseStarted', 'Evaluating: EvaluationStarted', ...promotedBySteps],
  },
  {
    title: 'a release that waits for another agent', deeds: [wishes('PromoteFull', 'billing-2')], ends: ['support-2', 'billing-2'], serving: 'support-2',
    before: inTurn(
      served(one, { ...one, name: 'billing' }),
      begun({ prompt: 'two', name: 'billing', ...long }, 'billing-2', 'Shifting'),
      begun({ prompt: 'two', dependsOn: [{ name: 'billing' }], ...brief }, 'support-2', 'Held'),
    ),
    phases: ['Preparing: ReleaseStarted', 'Held: Dependency', 'Preparing: GoesOn', ...promotedBySteps],
  },
  {
    title: 'a release behind a Gateway', before: served({ ...one, route }), deeds: [applies({ prompt: 'two', route, ...dark })], ends: ['support-2'], serving: 'support-2',
    phases: ['Preparing: ReleaseStarted', 'Shifting: StepStarted', ...promotedBySteps],
  },
  {
    title: 'abort in a mirror step', before: inTurn(served({ ...one, route }), begun({ prompt: 'two', route, ...copied }, 'support-2', 'Shifting'), copies),
    deeds: [wishes('Abort', 'support-2')], ends: ['support-2'], serving: 'support-1',
    phases: ['Preparing: ReleaseStarted', 'Shifting: StepStarted', 'RollingBack: Aborted', 'Aborted: Aborted'],
  },
  {
    title: 'a route that comes', before: served(one), deeds: [applies({ ...one, route })], ends: ['support-1'], serving: 'support-1',
    phases: ['Preparing: ReleaseStarted', 'Promoting: NoSteps', 'Promoted: Promoted'],
  },
  {
    title: 'a route that goes', before: served({ ...one, route }), deeds: [applies(one)], ends: ['support-1'], serving: 'support-1',
    phases: ['Preparing: ReleaseStarted', 'Promoting: NoSteps', 'Promoted: Promoted'],
  },
  {
    title: 'a Deployment that was made by hand', before: madeByHand, deeds: [applies({ ...one, adopt: { deploymentRef: { name: 'legacy' } } })], ends: ['support-1'], serving: 'support-1',
    phases: ['Preparing: ReleaseStarted', 'Promoting: NoSteps', 'Promoted: Promoted'],
  },
];
