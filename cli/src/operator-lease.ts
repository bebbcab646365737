import { isForbidden, KubeError, type Lease, leases } from '@sluice/kube';
import { looksAfter, operatorLabel } from '@sluice/operator/src/lease-marks.ts';
import { shardOf } from '@sluice/operator/src/sharding/shard.ts';
import type { AgentView } from './agent-view.ts';
import type { Cluster } from './cluster.ts';
import { moment } from './explain/facts.ts';
import { leaseNames } from './lease-names.ts';
import { outcomeOf } from './status/outcome.ts';
import { printableValue } from './terminal/printable.ts';
import { timeSpan } from './terminal/time-span.ts';

/** The leases of the operators of the cluster that the user may see; Forbidden where he may see none. */
export type SeenLeases = readonly Lease[] | 'Forbidden';

interface Call {
  readonly signal: AbortSignal;
}

/** Milliseconds for one read, retries included. */
const deadlineMs = 15_000;
/** It is renewed every two seconds, and a new process may wait out that of one that died. Milliseconds. */
const lateMs = 60_000;

/**
 * Undefined where the cluster does not say. Who may not list all leases may be let see those of operators, by name; that of which he has a right
 * in his own namespace alone is none of an operator.
 */
export async function readLeases(cluster: Cluster, call: Call): Promise<SeenLeases | undefined> {
  try {
    return await list(cluster, {}, call).catch((error: unknown) => (isForbidden(error) ? readNamed(cluster, call) : Promise.reject(error as Error)));
  } catch (error) {
    if (isForbidden(error)) return 'Forbidden';
    if (error instanceof KubeError) return undefined;
    throw error;
  }
}

async function readNamed(cluster: Cluster, call: Call): Promise<SeenLeases> {
  const names = await leaseNames(cluster, call);
  if (names.length === 0) return 'Forbidden';
  return (await Promise.all(names.map((name) => list(cluster, { fieldSelector: `metadata.name=${name}` }, call)))).flat();
}

async function list({ client }: Cluster, which: { readonly fieldSelector?: string }, { signal }: Call): Promise<readonly Lease[]> {
  const { items } = await client.list(leases, { labelSelector: operatorLabel, ...which }, { signal, deadlineMs });
  return printableValue(items);
}

/**
 * That nobody looks after the agent, in one sentence; undefined where somebody does, and where that cannot be told. `now` is the API server's, as
 * is the time in the lease: both are off by a second or two at the most, whatever the clock of this machine says. Pure.
 */
export function operatorGone(view: AgentView, now: number): string | undefined {
  const lease = silentLease(view, now);
  return lease === undefined ? undefined : `The operator does not run: ${lease}. Until it runs again nothing is begun, promoted or taken back, and what follows is as it was then; see the pods of its Deployment`;
}

/** By which lease the operator that looks after the agent has been silent since when, as the end of a sentence; undefined as for {@link operatorGone}. Pure. */
export function silentLease({ agent, namespace, leases: known = [] }: AgentView, now: number): string | undefined {
  if (agent === undefined || known === 'Forbidden') return undefined;
  const own = known.filter((lease) => looksAfter(lease, { namespace, shard: shardOf(agent) }));
  const [latest] = own.toSorted((left, right) => renewedAt(right) - renewedAt(left));
  if (latest === undefined || now - renewedAt(latest) <= lateMs) return undefined;
  const { metadata, spec } = latest;
  const at = renewedAt(latest);
  const holder = spec?.holderIdentity === undefined ? ', by a process that has ended since' : ` by ${spec.holderIdentity}`;
  const last = at === 0 ? 'has never been renewed' : `was renewed last at ${moment(at)} (${timeSpan(now - at)} ago)${holder}`;
  return `its lease ${metadata.namespace ?? ''}/${metadata.name}, which it renews every two seconds, ${last}`;
}

/** That one would not be told of an operator that is gone, where something waits for one; undefined where it would be, and where nothing waits. Pure. */
export function operatorUnseen(view: AgentView): string | undefined {
  if (view.agent === undefined || view.leases !== 'Forbidden' || outcomeOf(view).release === 'Ended') return undefined;
  return 'Whether the operator runs could not be seen, as you may not list its Lease in all namespaces: an administrator lets you by rbac.operatorSeenBy of the chart';
}

/** Milliseconds since the epoch; 0 where it is not known. */
function renewedAt({ spec }: Lease): number {
  const at = Date.parse(spec?.renewTime ?? '');
  return Number.isNaN(at) ? 0 : at;
}
