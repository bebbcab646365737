import { keyOf, pods, type CallOptions, type KubeClient, type Pod } from '@sluice/kube';
import { relabel } from '../sharding/relabel.ts';
import { type Shard, shardOf, shardOfPods } from '../sharding/shard.ts';
import { isFinished } from './decision.ts';
import { evalRunLabel } from './names.ts';
import type { EvalRunObservation } from './observation.ts';
import { podsOfJob } from './watch.ts';

export interface PodAccess {
  readonly client: Pick<KubeClient, 'list' | 'mergePatch'>;
  readonly shard: Shard;
}

/**
 * The pods with the run's label. A Job that was made in another shard gives its pod that one's label, whenever it comes to make it, and
 * then no cache shows it: it is asked for as long as none is seen, and gets the label of this shard. Paid answers are not asked for twice.
 */
export async function podsOfRun(observation: EvalRunObservation, access: PodAccess, call: CallOptions): Promise<readonly Pod[]> {
  const { evalRun, job } = observation;
  const isHidden = job !== undefined && shardOfPods(job) !== access.shard && podsOfJob(observation).length === 0 && !isFinished(evalRun.status?.phase);
  if (!isHidden) return observation.pods;
  const { namespace, name } = keyOf(evalRun);
  const { items } = await access.client.list(pods, { namespace, labelSelector: `app.kubernetes.io/managed-by=sluice,${evalRunLabel}=${name}` }, call);
  const own = podsOfJob({ ...observation, pods: items });
  const taken = await Promise.all(own.map(async (pod) => (shardOf(pod) === access.shard ? pod : relabel(pods, pod, access, call))));
  return taken.filter((pod) => pod !== undefined);
}
