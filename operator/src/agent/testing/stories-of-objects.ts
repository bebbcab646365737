import type { AgentDeploymentSpec } from '@sluice/crds';
import { expect } from 'vitest';
import { inStep, type Story, type Teller } from './teller.ts';
import type { SpecChanges } from './world.ts';

const autoscaling = { minReplicas: 2, maxReplicas: 6, targetCPUUtilizationPercent: 70 };
const route = { parentRefs: [{ name: 'public' }], pathPrefix: '/support' };
const template: AgentDeploymentSpec['template'] = { spec: { containers: [{ name: 'agent', envFrom: [{ configMapRef: { name: 'settings' } }] }] } };
const long = [{ weight: 50, duration: '10h' }];

/** Under load: the HPA has given the revision that serves four pods. */
const underLoad = async (teller: Teller): Promise<void> => {
  teller.world.load = 4;
  await teller.serve('good 1');
  await teller.until('scaled', () => teller.world.agent.status?.stable?.readyReplicas === 4);
  await teller.rest();
};

const inStepUnderLoad = async (teller: Teller): Promise<void> => {
  await underLoad(teller);
  await teller.ask('good 2');
  await teller.untilStep();
};

async function change(teller: Teller, spec: SpecChanges): Promise<void> {
  teller.world.edit(spec);
  await teller.rest();
}

const withSettings = async (teller: Teller): Promise<void> => {
  teller.world.putConfigMap('settings', { data: { MODE: 'one' } });
  teller.world.putSecret('anthropic-key', 'k1');
  await teller.serve('good 1');
};

const restarted = ({ world }: Teller): boolean => world.deployments.every(({ spec }) => spec.template.metadata?.annotations?.['sluice.dev/restarted-for-secrets'] !== undefined);

const autoscaled: readonly Story[] = (['ReplicaRatio', 'Gateway'] as const).flatMap((router): Story[] => [
  { title: `promotion of an autoscaled agent (${router})`, agent: { router, autoscaling }, before: underLoad, tell: (teller) => teller.serve('good 2'), ends: 'Promoted Promoted' },
  { title: `rollback of an autoscaled agent (${router})`, agent: { router, autoscaling }, before: underLoad, tell: (teller) => teller.serve('ill 2'), ends: 'RolledBack ObjectiveFailed' },
  { title: `an HPA that is taken away in mid-release (${router})`, agent: { router, autoscaling }, before: inStepUnderLoad, tell: (teller) => change(teller, { autoscaling: undefined, replicas: 3 }), ends: 'Promoted Promoted' },
  { title: `an HPA that comes in mid-release (${router})`, agent: { router }, before: inStep, tell: async (teller) => {
    teller.world.load = 4;
    await change(teller, { autoscaling, replicas: undefined });
    await teller.until('scaled', () => teller.world.agent.status?.stable?.readyReplicas === 4);
    await teller.rest();
  }, ends: 'Promoted Promoted' },
]);

const rerouted: readonly Story[] = [
  { title: 'the route taken from a live agent', agent: { router: 'Gateway' }, tell: (teller) => change(teller, { route: undefined }), ends: 'Promoted Promoted' },
  { title: 'the route taken away in mid-release', agent: { router: 'Gateway' }, before: inStep, tell: (teller) => change(teller, { route: undefined }), ends: 'Promoted Promoted' },
  { title: 'a route given to a live agent', tell: (teller) => change(teller, { route }), ends: 'Promoted Promoted' },
  { title: 'a route given in mid-release', before: inStep, tell: (teller) => change(teller, { route }), ends: 'Promoted Promoted' },
];

const mirrorSteps = [{ mirrorPercent: 50, duration: '10h' }, { weight: 50, duration: '10s' }];

/** Whether the Gateway copies requests now. */
const areCopied = ({ world }: Teller): boolean => world.gateway.inForce?.spec.rules?.some(({ filters }) => filters?.some(({ type }) => type === 'RequestMirror')) ?? false;

const inMirrorStep = async (teller: Teller): Promise<void> => {
  await inStep(teller);
  expect(areCopied(teller)).toBe(true);
};

const mirrored: readonly Story[] = [
  { title: 'a mirror step that is left for the next', agent: { router: 'Gateway', steps: mirrorSteps }, before: inMirrorStep, tell: async (teller) => {
    await teller.wish('Skip');
    await teller.rest();
    expect(areCopied(teller)).toBe(false);
  }, ends: 'Promoted Promoted' },
];

const neighbours: readonly Story[] = [
  { title: 'a release that waits for another agent', rollout: { dependsOn: [{ name: 'billing' }] }, neighbour: {}, tell: async (teller) => {
    teller.beside[0]?.ask('good 2');
    await teller.ask('good 2');
    await teller.untilPhase('Held');
    await teller.rest();
  }, ends: 'Promoted Promoted' },
  { title: 'one of a group that was promoted goes back with the one that is aborted', rollout: { group: 'shop', steps: long }, neighbour: { group: 'shop' }, before: async (teller) => {
    await teller.serve('good 1');
    teller.beside[0]?.ask('good 2');
    await teller.ask('good 2');
    await teller.untilStep();
    await teller.until('the other is promoted', () => teller.beside[0]?.releases.length === 2 && teller.beside[0].releases[1]?.status?.phase === 'Promoted');
  }, tell: async (teller) => {
    await teller.wish('Abort');
    await teller.until('the other goes back', () => teller.beside[0]?.releases.length === 3);
    await teller.rest();
  }, ends: 'Aborted Aborted' },
];

const references: readonly Story[] = [
  { title: 'a changed ConfigMap, and a history that is bounded', agent: { template }, rollout: { historyLimit: 1 }, before: async (teller) => {
    await withSettings(teller);
    await teller.serve('good 2');
  }, tell: async (teller) => {
    teller.world.putConfigMap('settings', { data: { MODE: 'two' } });
    await teller.until('released', () => teller.world.deployments.length > 1);
    await teller.rest();
    expect(teller.world.releases.map(({ metadata }) => metadata.name), 'the first release is forgotten').toEqual(['support-2', 'support-3']);
  }, ends: 'Promoted Promoted' },
  { title: 'a ConfigMap and the agent, changed one after the other', agent: { template, changes: 'Settle' }, before: withSettings, tell: async (teller) => {
    teller.world.putConfigMap('settings', { data: { MODE: 'two' } });
    await teller.look(100);
    await teller.ask('good 2');
    await teller.rest();
    expect(teller.world.releases.map(({ metadata }) => metadata.name), 'no release of the first alone').toEqual(['support-1', 'support-2']);
  }, ends: 'Promoted Promoted' },
  { title: 'a Secret that is rotated in mid-release', before: async (teller) => {
    await withSettings(teller);
    await teller.ask('good 2');
    await teller.untilStep();
  }, tell: async (teller) => {
    teller.world.putSecret('anthropic-key', 'k2');
    await teller.until('restarted', () => restarted(teller));
    await teller.rest();
  }, ends: 'Promoted Promoted' },
  { title: 'suspended in mid-release', before: inStep, tell: async (teller) => {
    teller.world.edit({ suspend: true });
    await teller.until('suspended', () => teller.world.agent.status?.phase === 'Suspended');
    await teller.look(3_600_000);
    await change(teller, { suspend: false });
  }, ends: 'Promoted Promoted' },
];

/** What is told of the objects around a release: HPAs, routes, other agents, ConfigMaps and Secrets. */
export const storiesOfObjects: readonly Story[] = [...autoscaled, ...rerouted, ...mirrored, ...neighbours, ...references];
