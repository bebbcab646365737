import type { ConfigMap, OwnerReference } from '@sluice/kube';
import { createHash } from 'node:crypto';
import { revisionLabels } from '../children/labels.ts';
import { type ContentKeys, contentOf, type DigestedConfigMap } from './config-map-content.ts';
import { revisionLength } from './digest.ts';

/** Names the ConfigMap that a snapshot is a copy of; tells snapshots from the records of revisions. */
export const snapshotAnnotation = 'sluice.dev/snapshot-of';

/** Characters of an object's name. */
const maxNameLength = 253;
const hashLength = 10;

/** The revision's own copy of a ConfigMap: who writes it, whose content it holds. */
export interface Snapshot {
  readonly agent: string;
  readonly namespace: string;
  readonly revision: string;
  /** The ConfigMap that it is a copy of, and the keys that it takes from it. */
  readonly source: string;
  readonly keys: ContentKeys;
  /** Of that content. */
  readonly digest: string;
}

/** `<agent>-<revision>-<source>`; the end of a source that is too long for it gives way to a digest of the whole. */
export function snapshotName(agent: string, revision: string, source: string): string {
  // The same cut before the revision has its name: what is left must not depend on it.
  const room = maxNameLength - agent.length - revisionLength - 2;
  if (source.length <= room) return `${agent}-${revision}-${source}`;
  const hash = createHash('sha256').update(source, 'utf8').digest('hex').slice(0, hashLength);
  return `${agent}-${revision}-${source.slice(0, room - hashLength - 1).replace(/[^a-z0-9]+$/, '')}-${hash}`;
}

/** The immutable copy; `content` must be whole, as the API server returns it. */
export function snapshotConfigMap({ agent, namespace, revision, source, keys }: Snapshot, content: DigestedConfigMap, owner: OwnerReference): ConfigMap {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: {
      name: snapshotName(agent, revision, source),
      namespace,
      labels: revisionLabels(agent, revision),
      annotations: { [snapshotAnnotation]: source },
      ownerReferences: [owner],
    },
    immutable: true,
    ...contentOf(content, keys),
  };
}

export function isSnapshot({ metadata }: ConfigMap): boolean {
  return metadata.annotations?.[snapshotAnnotation] !== undefined;
}
