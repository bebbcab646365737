import { createHash } from 'node:crypto';
import type { KubeObject } from '@sluice/kube';

/** One text for one state of a set of objects. */
export function digestOf(objects: readonly KubeObject[]): string {
  const lines = objects.map(({ kind, metadata }) => `${kind} ${metadata.namespace}/${metadata.name} ${metadata.uid} ${metadata.resourceVersion}`);
  return `${objects.length} objects ${createHash('sha256').update(lines.toSorted((left, right) => left.localeCompare(right)).join('\n')).digest('hex').slice(0, 16)}`;
}
