import { configMaps } from '@sluice/kube';
import { evalSuites } from '../../resources.ts';
import { inStep, type Story, type Teller } from './teller.ts';

const copied = { router: 'Gateway', steps: [{ mirrorPercent: 50, duration: '10h' }] } as const;
const hourMs = 3_600_000;
const settings = { namespace: 'demo', name: 'settings' };

const inStepWithSettings = async (teller: Teller): Promise<void> => {
  teller.world.putConfigMap(settings.name, { data: { MODE: 'one' } });
  await inStep(teller);
};

/** A wish before that would find it begun or not, as the operator dies. */
function untilRuns(teller: Teller, runs: number): Promise<void> {
  return teller.until('evaluated', () => teller.world.cluster.list('EvalRun').length === runs);
}

const routed: readonly Story[] = [
  { title: 'abort while requests are copied', agent: copied, before: inStep, tell: async (teller) => { await teller.wish('Abort'); await teller.rest(); }, ends: 'Aborted Aborted' },
  { title: 'rollback for an objective while requests are copied', agent: copied, tell: (teller) => teller.serve('ill 2'), ends: 'RolledBack ObjectiveFailed' },
  { title: 'another spec while requests are copied', agent: { ...copied, steps: [{ mirrorPercent: 50, duration: '10s' }] }, before: inStep, tell: (teller) => teller.serve('good 3'), ends: 'Promoted Promoted' },
  ...(['ReplicaRatio', 'Gateway'] as const).map((router): Story => ({
    title: `abort while the stable pods are dead (${router})`, agent: { router }, before: inStep, tell: async (teller) => {
      const { stable } = teller.world.agent.status ?? {};
      teller.world.kill(stable?.revision ?? '');
      await teller.wish('Abort');
      await teller.rest();
    }, ends: 'Aborted Aborted',
  })),
];

/** What holds a release that no story of stories.ts is held by, and what people decide where nobody else can. */
export const storiesOfHolds: readonly Story[] = [
  ...routed,
  { title: 'a source of metrics that is not there', tell: async (teller) => {
    teller.world.metricsMissing = 'the operator was given no Prometheus';
    await teller.ask('good 2');
    await teller.untilPhase('Held');
    await teller.look(hourMs);
    teller.world.metricsMissing = undefined;
    await teller.rest();
  }, ends: 'Promoted Promoted' },
  { title: 'a ConfigMap that is away for a while', agent: { template: { spec: { containers: [{ name: 'agent', envFrom: [{ configMapRef: { name: 'settings' } }] }] } } }, before: inStepWithSettings, tell: async (teller) => {
    teller.world.cluster.remove(configMaps, settings);
    await teller.untilPhase('Held');
    teller.world.putConfigMap(settings.name, { data: { MODE: 'one' } });
    await teller.rest();
  }, ends: 'Promoted Promoted' },
  { title: 'objectives that cannot decide, and a person who does', rollout: { maxDuration: '1m' }, before: async (teller) => {
    await teller.serve('good 1');
    teller.world.uncounted = [{ objective: 'success', reason: 'nobody counts it' }];
    await teller.ask('good 2');
    await teller.untilStep();
  }, tell: async (teller) => {
    await teller.untilPhase('AwaitingApproval');
    await teller.wish('Promote');
    await teller.rest();
  }, ends: 'Promoted Promoted' },
  { title: 'other suites while the former ones run', before: async (teller) => {
    teller.world.cluster.put(evalSuites, { apiVersion: 'sluice.dev/v1alpha1', kind: 'EvalSuite', metadata: { namespace: 'demo', name: 'silver' }, spec: { cases: [] } } as never);
    await teller.serve('good 1');
  }, tell: async (teller) => {
    teller.world.ask('good 2');
    await untilRuns(teller, 2);
    teller.world.ask('good 2', 'silver');
    await teller.rest();
  }, ends: 'Promoted Promoted' },
  { title: 'an abort of the first release', before: async () => undefined, tell: async (teller) => {
    teller.world.ask('good 1');
    await untilRuns(teller, 1);
    await teller.wish('Abort');
    await teller.rest();
  }, ends: 'Aborted Aborted' },
];
