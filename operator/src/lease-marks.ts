import type { Lease } from '@sluice/kube';
import { type Shard, shardLabel, shardOf } from './sharding/shard.ts';

/** On the lease of every operator of this kind, whatever it is called. */
export const operatorLabel = 'sluice.dev/operator';
/** Comma-separated; empty: all. Names of namespaces do not fit into the value of a label. */
const namespacesAnnotation = 'sluice.dev/watch-namespaces';

interface LookedAfter {
  /** [''] for all namespaces. */
  readonly namespaces: readonly string[];
  readonly shard?: Shard;
}

/** By which whoever waits for an operator finds its lease, and whether it is the one that he waits for. */
export function leaseMarks({ namespaces, shard }: LookedAfter): { readonly labels: Record<string, string>; readonly annotations: Record<string, string> } {
  return {
    labels: { [operatorLabel]: 'true', ...(shard === undefined ? {} : { [shardLabel]: shard }) },
    annotations: { [namespacesAnnotation]: namespaces.join(',') },
  };
}

/** Whether the holder of the lease looks after the agents of that shard in that namespace. */
export function looksAfter(lease: Lease, { namespace, shard }: { readonly namespace: string; readonly shard: Shard }): boolean {
  const { labels = {}, annotations = {} } = lease.metadata;
  const watched = annotations[namespacesAnnotation];
  if (labels[operatorLabel] !== 'true' || watched === undefined || shardOf(lease) !== shard) return false;
  return watched === '' || watched.split(',').includes(namespace);
}
