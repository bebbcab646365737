import type { KubeObject } from '@sluice/kube';

/** What Kubernetes makes up, when something was, what is counted on the way there, and sentences, which have such numbers in them. */
const passing: ReadonlySet<string> = new Set([
  'uid', 'resourceVersion', 'generation', 'observedGeneration', 'creationTimestamp', 'managedFields', 'clusterIP', 'clusterIPs', 'controller-uid', 'batch.kubernetes.io/controller-uid',
  'deployment.kubernetes.io/revision', 'sluice.dev/secret-versions', 'sluice.dev/take-over', 'lastTransitionTime', 'startedAt', 'finishedAt', 'at', 'message', 'forecast',
]);

const uid = /\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/g;
const time = /\b\d{4}-\d{2}-\d{2}T[\d:.]+Z/g;

/** By kind, what of a status must be the same in each run; of kinds that are not named nothing. */
export type StatusesToCompare = Readonly<Record<string, (object: KubeObject) => unknown>>;

export interface Wording {
  /** Of the story; another run has another. */
  readonly namespace: string;
  /** What is called otherwise in each run, and what it is called here, in turn. */
  readonly names: readonly (readonly [name: string, word: string])[];
}

/** Objects by title in words that are the same in each run of a story, without what passes. */
export function comparableStates(found: readonly KubeObject[], { statuses, namespace, names }: Wording & { readonly statuses: StatusesToCompare }): Readonly<Record<string, unknown>> {
  const states = Object.fromEntries(found.map((object) => [`${object.kind} ${object.metadata.name}`, { ...object, status: statuses[object.kind]?.(object) }]));
  const named = names.reduce((text, [name, word]) => text.replaceAll(name, word), JSON.stringify(states));
  return comparable(JSON.parse(named.replaceAll(namespace, 'the-namespace').replaceAll(uid, 'a-uid').replaceAll(time, 'a-time'))) as Readonly<Record<string, unknown>>;
}

/** Without what passes, also where JSON is kept as text; keys may be in any order, and some are in that of revisions. */
function comparable(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(comparable);
  if (typeof value === 'string') return value.startsWith('{') ? comparable(JSON.parse(value)) : value;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).filter(([key]) => !passing.has(key)).map(([key, each]) => [key, comparable(each)]));
}
