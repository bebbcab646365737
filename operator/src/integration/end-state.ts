import { isDeepStrictEqual } from 'node:util';
import type { AgentDeployment, EvalRun, Release } from '@sluice/crds';
import {
  configMaps, type Deployment, deployments, horizontalPodAutoscalers, jobs, type KubeObject, networkPolicies, podDisruptionBudgets, type ResourceType, serviceAccounts, services,
} from '@sluice/kube';
import { expect, vi } from 'vitest';
import { agentDeployments, evalRuns, releases } from '../resources.ts';
import { phasesOf, type Scene } from './scene.ts';

/** News of an agent may be told 20 s late (agent/status/status-pace.ts), and the machine may be busy. Milliseconds. */
const untoldMs = 90_000;

export interface EndStateOptions {
  /** Of kinds that not every cluster serves. */
  readonly besides?: readonly ResourceType[];
  /** 'AtOnce': without what of an agent's status may be told later. Default 'All'. */
  readonly news?: 'AtOnce' | 'All';
}

/** Pods and ReplicaSets are as their Deployments say. */
const kinds = [
  agentDeployments, releases, evalRuns, configMaps, deployments, jobs, services, serviceAccounts, podDisruptionBudgets, networkPolicies, horizontalPodAutoscalers,
] as unknown as readonly ResourceType[];

/** What Kubernetes makes up, when something was, what is counted on the way there, and sentences, which have such numbers in them. */
const passing: ReadonlySet<string> = new Set([
  'uid', 'resourceVersion', 'generation', 'observedGeneration', 'creationTimestamp', 'managedFields', 'clusterIP', 'clusterIPs', 'controller-uid', 'batch.kubernetes.io/controller-uid',
  'deployment.kubernetes.io/revision', 'sluice.dev/secret-versions', 'sluice.dev/take-over', 'lastTransitionTime', 'startedAt', 'finishedAt', 'at', 'message', 'forecast',
]);

const uid = /\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/g;
const time = /\b\d{4}-\d{2}-\d{2}T[\d:.]+Z/g;

/** What of a status must be the same in each run. Those of Kubernetes' own kinds are its controllers' business. */
const statuses: Readonly<Record<string, (object: KubeObject) => unknown>> = {
  AgentDeployment: (object) => {
    const { conditions = [], ...status } = (object as AgentDeployment).status ?? {};
    return { ...status, conditions: conditions.map(({ type, status: value, reason }) => `${type} ${value} ${reason}`).toSorted() };
  },
  Release: (object) => {
    const { phase, reason, completion, weight, step, handledIntent, evaluations = [] } = (object as Release).status ?? {};
    return { phase, reason, completion, weight, step, handledIntent, went: phasesOf(object as Release), evaluations: evaluations.map(({ suite, verdict, attempt }) => ({ suite, verdict, attempt })) };
  },
  EvalRun: (object) => {
    const { phase, report } = (object as EvalRun).status ?? {};
    return { phase, report };
  },
  Deployment: (object) => (object as Deployment).status?.readyReplicas,
};

function toldAtOnce(object: KubeObject): unknown {
  const { phase, revision, shard, release, stable, conditions = [] } = (object as AgentDeployment).status ?? {};
  return { phase, revision, shard, release: release?.name, serves: stable?.revision, conditions: conditions.map(({ type, status }) => `${type} ${status}`).toSorted() };
}

/** By title, all that a namespace holds, in words that are the same in each run of a story: a revision is called by its first release. */
export async function endStateOf(scene: Scene, { besides = [], news = 'All' }: EndStateOptions = {}): Promise<Readonly<Record<string, unknown>>> {
  const found = (await Promise.all([...kinds, ...besides].map((kind) => scene.list(kind)))).flat().filter(({ metadata }) => metadata.name !== 'kube-root-ca.crt');
  const statusIn: typeof statuses = { ...statuses, ...(news === 'All' ? {} : { AgentDeployment: toldAtOnce }) };
  const states = Object.fromEntries(found.map((object) => [`${object.kind} ${object.metadata.name}`, { ...object, status: statusIn[object.kind]?.(object) }]));
  const revisions = found.filter(({ kind }) => kind === 'Release').toSorted((left, right) => left.metadata.name.localeCompare(right.metadata.name)) as Release[];
  const named = revisions.reduce((text, { metadata, spec }) => text.replaceAll(spec.revision, `of-${metadata.name}`), JSON.stringify(states));
  return comparable(JSON.parse(named.replaceAll(scene.namespace, 'the-namespace').replaceAll(uid, 'a-uid').replaceAll(time, 'a-time'))) as Readonly<Record<string, unknown>>;
}

/** What differs is shown, as soon as the status of an agent must have been told. */
export async function expectSameEnd(lived: Scene, other: Scene, options: EndStateOptions = {}): Promise<void> {
  await vi.waitFor(async () => expect(await endStateOf(other, options)).toEqual(await endStateOf(lived, options)), { timeout: untoldMs, interval: 500 });
}

/** Whether both scenes hold the same. */
export async function areAlike(one: Scene, other: Scene, options: EndStateOptions): Promise<boolean> {
  const [left, right] = await Promise.all([endStateOf(one, options), endStateOf(other, options)]);
  return isDeepStrictEqual(left, right);
}

/** Without what passes, also where JSON is kept as text; keys may be in any order, and some are in that of revisions. */
function comparable(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(comparable);
  if (typeof value === 'string') return value.startsWith('{') ? comparable(JSON.parse(value)) : value;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).filter(([key]) => !passing.has(key)).map(([key, each]) => [key, comparable(each)]));
}
