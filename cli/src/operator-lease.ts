import { KubeError, type Lease, leases } from '@sluice/kube';
import { looksAfter, operatorLabel } from '@sluice/operator/src/lease-marks.ts';
import { shardOf } from '@sluice/operator/src/sharding/shard.ts';
import type { AgentView } from './agent-view.ts';
import type { Cluster } from './cluster.ts';
import { moment } from './explain/facts.ts';
import { printableValue } from './terminal/printable.ts';
import { timeSpan } from './terminal/time-span.ts';

/** Milliseconds for one read, retries included. */
const deadlineMs = 15_000;
/** It is renewed every two seconds; a new process may wait out that of one that died, and clocks differ. Milliseconds. */
const lateMs = 60_000;

/** The leases of the operators of the cluster; undefined where the user may not list them, or the cluster does not say. */
export async function readLeases({ client }: Cluster, { signal }: { readonly signal: AbortSignal }): Promise<readonly Lease[] | undefined> {
  try {
    const { items } = await client.list(leases, { labelSelector: operatorLabel }, { signal, deadlineMs });
    return printableValue(items);
  } catch (error) {
    if (error instanceof KubeError) return undefined;
    throw error;
  }
}

/** That nobody looks after the agent, in one sentence; undefined where somebody does, and where that cannot be told. Pure. */
export function operatorGone({ agent, namespace, leases: known = [] }: AgentView, now: number): string | undefined {
  if (agent === undefined) return undefined;
  const own = known.filter((lease) => looksAfter(lease, { namespace, shard: shardOf(agent) }));
  const [latest] = own.toSorted((left, right) => renewedAt(right) - renewedAt(left));
  if (latest === undefined || now - renewedAt(latest) <= lateMs) return undefined;
  const { metadata, spec } = latest;
  const at = renewedAt(latest);
  const holder = spec?.holderIdentity === undefined ? ', and nobody holds it' : ` by ${spec.holderIdentity}`;
  const last = at === 0 ? 'was never renewed' : `was renewed last at ${moment(at)} (${timeSpan(now - at)} ago)${holder}`;
  return `The operator does not run: its lease ${metadata.namespace ?? ''}/${metadata.name} ${last}, though it should be every two seconds. Until it runs again nothing is begun, promoted or taken back, and what follows is as it was then; see the pods of its Deployment`;
}

/** Milliseconds since the epoch; 0 where it is not known. */
function renewedAt({ spec }: Lease): number {
  const at = Date.parse(spec?.renewTime ?? '');
  return Number.isNaN(at) ? 0 : at;
}
