import type { AgentDeployment } from '@sluice/crds';
import type { KubeClient, KubeObject, ObjectKey, ResourceType } from '@sluice/kube';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Caches } from '../caches.ts';
import { comesFromElsewhere, takeOver, takeOverPods } from './take-over.ts';

const names = ['releases', 'evalRuns', 'configMaps', 'pods', 'deployments', 'services', 'serviceAccounts', 'disruptionBudgets', 'networkPolicies', 'autoscalers', 'jobs'];
const agent = { apiVersion: 'sluice.dev/v1alpha1', kind: 'AgentDeployment', metadata: { namespace: 'shop', name: 'support', uid: 'uid-1' }, status: { shard: 'blue' } } as unknown as AgentDeployment;
const { signal } = new AbortController();

interface Patch {
  readonly plural: string;
  readonly name: string;
  readonly metadata: { readonly resourceVersion: string; readonly labels: object; readonly annotations?: object };
}

let live: Map<string, KubeObject[]>;
let cached: Map<string, Set<string>>;
let patches: Patch[];

beforeEach(() => {
  live = new Map();
  cached = new Map();
  patches = [];
});

function put(plural: string, name: string, labels: Record<string, string>, extra: object = {}): void {
  const object = { apiVersion: 'v1', kind: plural === 'releases' ? 'Release' : plural === 'evalruns' ? 'EvalRun' : plural, metadata: { namespace: 'shop', name, resourceVersion: '7', labels }, ...extra };
  live.set(plural, [...(live.get(plural) ?? []), object]);
}

const client = {
  list: async (type: ResourceType, { labelSelector = '' }: { labelSelector?: string }) => ({ items: (live.get(type.plural) ?? []).filter((object) => matches(object, labelSelector)) }),
  mergePatch: async (type: ResourceType, { name }: ObjectKey, { metadata }: Pick<Patch, 'metadata'>) => void patches.push({ plural: type.plural, name, metadata }),
} as unknown as Pick<KubeClient, 'list' | 'mergePatch'>;

/** Equality and `in`, as the look-ups use them. */
function matches({ metadata }: KubeObject, selector: string): boolean {
  return selector.split(/,(?![^(]*\))/).every((term) => {
    const [, key = '', values = ''] = /^(\S+?)(?:=| in \()([^)]*)\)?$/.exec(term) ?? [];
    return values.split(',').includes(metadata.labels?.[key] ?? '');
  });
}

function caches(): Caches {
  const plural: Record<string, string> = { evalRuns: 'evalruns', configMaps: 'configmaps', serviceAccounts: 'serviceaccounts', disruptionBudgets: 'poddisruptionbudgets', networkPolicies: 'networkpolicies', autoscalers: 'horizontalpodautoscalers' };
  const view = (name: string) => {
    const type = { group: name === 'releases' || name === 'evalRuns' ? 'sluice.dev' : '', plural: plural[name] ?? name };
    return [name, { type, store: { get: ({ name: key }: ObjectKey) => (cached.get(type.plural)?.has(key) === true ? {} : undefined), byIndex: () => live.get(type.plural) ?? [] } }];
  };
  return { ...Object.fromEntries(names.map(view)), httpRoutes: { api: 'Absent' } } as never;
}

const managed = { 'app.kubernetes.io/managed-by': 'sluice', 'sluice.dev/agent': 'support' };
const options = () => ({ client, caches: caches(), shard: 'red' });

describe('taking over', () => {
  it('is for agents whose status names another shard', () => {
    expect([comesFromElsewhere(agent, 'red'), comesFromElsewhere(agent, 'blue'), comesFromElsewhere(agent, undefined)]).toEqual([true, false, true]);
    expect(comesFromElsewhere({ ...agent, status: undefined } as unknown as AgentDeployment, 'red'), 'a new one').toBe(false);
  });

  it('gives the label to everything, bound to the version that was read, and a Deployment a new generation', async () => {
    put('releases', 'support-1', { 'sluice.dev/agent': 'support', 'sluice.dev/shard': 'blue' });
    put('evalruns', 'support-1-golden', { 'sluice.dev/release': 'support-1', 'sluice.dev/shard': 'blue' });
    put('jobs', 'support-1-golden', { 'app.kubernetes.io/managed-by': 'sluice', 'sluice.dev/eval-run': 'support-1-golden', 'sluice.dev/shard': 'blue' });
    put('deployments', 'support-abc', { ...managed, 'sluice.dev/shard': 'blue' });
    put('services', 'other', { ...managed, 'sluice.dev/agent': 'other' });
    expect(await takeOver(agent, options(), { signal })).toBe('Waiting');
    const mark = { 'sluice.dev/shard': 'red' };
    expect(patches).toEqual([
      { plural: 'releases', name: 'support-1', metadata: { resourceVersion: '7', labels: mark } },
      { plural: 'deployments', name: 'support-abc', metadata: { resourceVersion: '7', labels: mark, annotations: mark } },
      { plural: 'evalruns', name: 'support-1-golden', metadata: { resourceVersion: '7', labels: mark } },
      { plural: 'jobs', name: 'support-1-golden', metadata: { resourceVersion: '7', labels: mark } },
    ]);
  });

  it('waits until the caches show what has the label', async () => {
    put('services', 'support', { ...managed, 'sluice.dev/shard': 'red' });
    expect(await takeOver(agent, options(), { signal })).toBe('Waiting');
    cached.set('services', new Set(['support']));
    expect(await takeOver(agent, options(), { signal })).toBe('Done');
    expect(patches).toEqual([]);
  });

  it('leaves what a deleted agent of the same name left', async () => {
    put('services', 'support', managed, {});
    live.get('services')![0]!.metadata.ownerReferences = [{ apiVersion: 'sluice.dev/v1alpha1', kind: 'AgentDeployment', name: 'support', uid: 'uid-0', controller: true }];
    expect(await takeOver(agent, options(), { signal })).toBe('Done');
    expect(patches).toEqual([]);
  });

  it('takes the label off in the shard without one', async () => {
    put('services', 'support', { ...managed, 'sluice.dev/shard': 'blue' });
    await takeOver(agent, { ...options(), shard: undefined }, { signal });
    expect(patches[0]?.metadata.labels).toEqual({ 'sluice.dev/shard': null });
  });

  it('looks for pods only where a Deployment bears them into another shard', async () => {
    const template = (shard: string) => ({ spec: { template: { metadata: { labels: { 'sluice.dev/shard': shard } } } } });
    put('deployments', 'support-abc', { ...managed, 'sluice.dev/shard': 'red' }, template('red'));
    put('pods', 'support-abc-1', { ...managed, 'sluice.dev/shard': 'blue' });
    await takeOverPods(agent, options(), { signal });
    expect(patches).toEqual([]);
    put('deployments', 'support-def', { ...managed, 'sluice.dev/shard': 'red' }, template('blue'));
    await takeOverPods(agent, options(), { signal });
    expect(patches.map(({ plural, name }) => `${plural} ${name}`)).toEqual(['pods support-abc-1']);
  });
});
