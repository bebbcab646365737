import type { AgentDeployment } from '@sluice/crds';
import type { KubeClient, KubeObject, ObjectKey, ResourceType } from '@sluice/kube';
import { labelMatcher } from '@sluice/kube/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Caches } from '../caches.ts';
import { comesFromElsewhere } from './shard.ts';
import { takeOver, takeOverPods } from './take-over.ts';

const names = ['releases', 'evalRuns', 'configMaps', 'pods', 'deployments', 'services', 'serviceAccounts', 'disruptionBudgets', 'networkPolicies', 'autoscalers', 'jobs'];
const agent = { apiVersion: 'sluice.dev/v1alpha1', kind: 'AgentDeployment', metadata: { namespace: 'shop', name: 'support', uid: 'uid-1', resourceVersion: '40', labels: { 'sluice.dev/shard': 'red' } }, status: { phase: 'Healthy', shard: 'blue' } } as unknown as AgentDeployment;
/** Red has begun to take it over. */
const marked = { ...agent, status: { phase: 'Healthy', shard: 'red', takeOver: '40' } } as unknown as AgentDeployment;
const taken = { 'sluice.dev/take-over': '40' };
const { signal } = new AbortController();

interface Patch {
  readonly plural: string;
  readonly name: string;
  readonly metadata: { readonly resourceVersion: string; readonly labels: object; readonly annotations?: object };
}

let live: Map<string, KubeObject[]>;
let cached: Map<string, Set<string>>;
let patches: Patch[];
let marks: AgentDeployment[];
let liveAgent: AgentDeployment;

beforeEach(() => {
  live = new Map();
  cached = new Map();
  patches = [];
  marks = [];
  liveAgent = marked;
});

function put(plural: string, name: string, labels: Record<string, string>, extra: object = {}, annotations: Record<string, string> = {}): void {
  const object = { apiVersion: 'v1', kind: plural === 'releases' ? 'Release' : plural === 'evalruns' ? 'EvalRun' : plural, metadata: { namespace: 'shop', name, resourceVersion: '7', labels, annotations }, ...extra };
  live.set(plural, [...(live.get(plural) ?? []), object]);
}

const client = {
  list: async (type: ResourceType, { labelSelector = '' }: { labelSelector?: string }) => ({ items: type.plural === 'agentdeployments' ? [liveAgent] : (live.get(type.plural) ?? []).filter((object) => labelMatcher(labelSelector)(object.metadata.labels)) }),
  mergePatch: async (type: ResourceType, { name }: ObjectKey, { metadata }: Pick<Patch, 'metadata'>) => void patches.push({ plural: type.plural, name, metadata }),
  replaceStatus: async (_type: ResourceType, object: AgentDeployment) => {
    marks.push(object);
    return object;
  },
} as unknown as Pick<KubeClient, 'list' | 'mergePatch' | 'replaceStatus'>;

function caches(): Caches {
  const plural: Record<string, string> = { evalRuns: 'evalruns', configMaps: 'configmaps', serviceAccounts: 'serviceaccounts', disruptionBudgets: 'poddisruptionbudgets', networkPolicies: 'networkpolicies', autoscalers: 'horizontalpodautoscalers' };
  const view = (name: string) => {
    const type = { group: name === 'releases' || name === 'evalRuns' ? 'sluice.dev' : '', plural: plural[name] ?? name };
    return [name, { type, store: { get: ({ name: key }: ObjectKey) => (cached.get(type.plural)?.has(key) === true ? {} : undefined), byIndex: () => live.get(type.plural) ?? [] } }];
  };
  return { ...Object.fromEntries(names.map(view)), httpRoutes: { api: 'Absent' } } as never;
}

const managed = { 'app.kubernetes.io/managed-by': 'sluice', 'sluice.dev/agent': 'support' };
const clock = { now: () => Date.parse('2026-11-22T10:00:00Z') };
const options = () => ({ client, clock, caches: caches(), shard: 'red' });

describe('taking over', () => {
  it('is for agents whose status names another shard', () => {
    expect([comesFromElsewhere(agent, 'red'), comesFromElsewhere(agent, 'blue'), comesFromElsewhere(agent, undefined)]).toEqual([true, false, true]);
    expect(comesFromElsewhere({ ...agent, status: undefined } as unknown as AgentDeployment, 'red'), 'a new one').toBe(false);
  });

  it('is for agents of which one was begun and not ended, here too', () => {
    expect([comesFromElsewhere(marked, 'red'), comesFromElsewhere(marked, 'blue'), comesFromElsewhere({ ...marked, status: { shard: 'red' } } as AgentDeployment, 'red')]).toEqual([true, true, false]);
  });

  it('begins with a mark in the status, bound to what was looked at and named after it', async () => {
    put('services', 'support', { ...managed, 'sluice.dev/shard': 'red' }, {}, taken);
    cached.set('services', new Set(['support']));
    expect(await takeOver(agent, options(), { signal }), 'what is cached does not say so yet').toMatchObject({ waitsFor: expect.any(String) as string });
    expect(marks.map(({ metadata, status }) => ({ metadata, status }))).toMatchObject([{ metadata: agent.metadata, status: { phase: 'Progressing', shard: 'red', takeOver: '40' } }]);
    expect(await takeOver(marked, options(), { signal })).toBe('Done');
    expect(marks).toHaveLength(1);
  });

  it('of the shard without a name: its mark has none either', async () => {
    liveAgent = { ...agent, metadata: { ...agent.metadata, labels: {} }, status: { phase: 'Healthy', takeOver: '40' } } as unknown as AgentDeployment;
    await takeOver({ ...liveAgent, status: { phase: 'Healthy', shard: 'blue' } }, { ...options(), shard: undefined }, { signal });
    expect(marks.map(({ status }) => [status?.takeOver, status?.shard])).toEqual([['40', undefined]]);
  });

  it('writes what has the label already, so that a former operator does not any more', async () => {
    put('services', 'support', { ...managed, 'sluice.dev/shard': 'red' }, {}, { 'sluice.dev/take-over': '39' });
    await takeOver(marked, options(), { signal });
    expect(patches.map(({ name, metadata }) => [name, metadata.annotations])).toEqual([['support', taken]]);
  });

  it.each<[string, AgentDeployment]>([
    ['the label is another one', { ...marked, metadata: { ...marked.metadata, labels: { 'sluice.dev/shard': 'blue' } } }],
    ['another shard has begun to take it over', { ...marked, status: { shard: 'blue', takeOver: '41' } }],
    ['it was done', { ...marked, status: { shard: 'red' } }],
    ['it is a new agent', { ...marked, metadata: { ...marked.metadata, uid: 'uid-2' } }],
  ])('writes to nothing where the agent went on meanwhile: %s', async (_, now) => {
    put('services', 'support', { ...managed, 'sluice.dev/shard': 'blue' });
    liveAgent = now;
    await expect(takeOver(marked, options(), { signal })).rejects.toThrow('not the one that was looked at');
    expect(patches).toEqual([]);
  });

  it('gives the label to everything, bound to the version that was read, and a Deployment a new generation', async () => {
    put('releases', 'support-1', { 'sluice.dev/agent': 'support', 'sluice.dev/shard': 'blue' });
    put('evalruns', 'support-1-golden', { 'sluice.dev/release': 'support-1', 'sluice.dev/shard': 'blue' });
    put('jobs', 'support-1-golden', { 'app.kubernetes.io/managed-by': 'sluice', 'sluice.dev/eval-run': 'support-1-golden', 'sluice.dev/shard': 'blue' });
    put('deployments', 'support-abc', { ...managed, 'sluice.dev/shard': 'blue' });
    put('services', 'other', { ...managed, 'sluice.dev/agent': 'other' });
    expect(await takeOver(marked, options(), { signal })).toMatchObject({ waitsFor: expect.stringContaining('the caches to show ') as string });
    const mark = { 'sluice.dev/shard': 'red' };
    patches.sort((left, right) => left.plural.localeCompare(right.plural));
    expect(patches).toEqual([
      { plural: 'deployments', name: 'support-abc', metadata: { resourceVersion: '7', labels: mark, annotations: taken } },
      { plural: 'evalruns', name: 'support-1-golden', metadata: { resourceVersion: '7', labels: mark, annotations: taken } },
      { plural: 'jobs', name: 'support-1-golden', metadata: { resourceVersion: '7', labels: mark, annotations: taken } },
      { plural: 'releases', name: 'support-1', metadata: { resourceVersion: '7', labels: mark, annotations: taken } },
    ]);
  });

  it('waits until the caches show what has the label', async () => {
    put('services', 'support', { ...managed, 'sluice.dev/shard': 'red' }, {}, taken);
    expect(await takeOver(marked, options(), { signal })).toMatchObject({ waitsFor: expect.stringContaining('the caches to show ') as string });
    cached.set('services', new Set(['support']));
    expect(await takeOver(marked, options(), { signal })).toBe('Done');
    expect(patches).toEqual([]);
  });

  it('leaves what a deleted agent of the same name left', async () => {
    put('services', 'support', managed, {});
    live.get('services')![0]!.metadata.ownerReferences = [{ apiVersion: 'sluice.dev/v1alpha1', kind: 'AgentDeployment', name: 'support', uid: 'uid-0', controller: true }];
    expect(await takeOver(marked, options(), { signal })).toBe('Done');
    expect(patches).toEqual([]);
  });

  it('takes the label off in the shard without one', async () => {
    put('services', 'support', { ...managed, 'sluice.dev/shard': 'blue' });
    const unlabelled = { ...marked, metadata: { ...marked.metadata, labels: {} }, status: { takeOver: '40' } } as unknown as AgentDeployment;
    liveAgent = unlabelled;
    await takeOver(unlabelled, { ...options(), shard: undefined }, { signal });
    expect(patches[0]?.metadata.labels).toEqual({ 'sluice.dev/shard': null });
  });

  it('looks for pods only where a Deployment bears them into another shard', async () => {
    const template = (shard: string) => ({ spec: { template: { metadata: { labels: { 'sluice.dev/shard': shard } } } } });
    put('deployments', 'support-abc', { ...managed, 'sluice.dev/shard': 'red' }, template('red'));
    put('pods', 'support-abc-1', { ...managed, 'sluice.dev/shard': 'blue' });
    liveAgent = { ...marked, status: { shard: 'red' } };
    await takeOverPods(liveAgent, options(), { signal });
    expect(patches).toEqual([]);
    put('deployments', 'support-def', { ...managed, 'sluice.dev/shard': 'red' }, template('blue'));
    await takeOverPods(liveAgent, options(), { signal });
    expect(patches.map(({ plural, name }) => `${plural} ${name}`)).toEqual(['pods support-abc-1']);
  });
  it('leaves pods to the shard that the agent went to meanwhile', async () => {
    put('deployments', 'support-def', { ...managed, 'sluice.dev/shard': 'red' }, { spec: { template: { metadata: { labels: { 'sluice.dev/shard': 'blue' } } } } });
    put('pods', 'support-def-1', { ...managed, 'sluice.dev/shard': 'blue' });
    await expect(takeOverPods({ ...marked, status: { shard: 'red' } }, options(), { signal })).rejects.toThrow('not the one that was looked at');
    expect(patches).toEqual([]);
  });
});
