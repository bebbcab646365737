import { leases } from '@sluice/kube';
import type { OperatorIdentity } from './operator-identity.ts';
import type { RecordingProxy } from './recording-proxy.ts';
import { RunningOperator, type RunningOperatorOptions } from './running-operator.ts';
import { call, type TestCluster } from './test-cluster.ts';
import { until } from './until.ts';

const maxLives = 80;

/** A lease as if it had run out: nobody has to wait for it. */
export async function expireLease(cluster: TestCluster, { namespace }: OperatorIdentity, name = 'sluice-operator'): Promise<void> {
  await cluster.admin.delete(leases, { namespace, name }, {}, call);
}

export interface Mortality extends RunningOperatorOptions {
  readonly cluster: TestCluster;
  readonly identity: OperatorIdentity;
  /** Prepares the death of the operator with this number, from 0. */
  readonly dies: (proxy: RecordingProxy, life: number) => void;
}

/** One operator after the other, each killed with SIGKILL when it is cut off, until `ended`. Returns how many have lived. */
export async function liveUntil(ended: () => Promise<boolean>, { cluster, identity, dies, ...options }: Mortality): Promise<number> {
  let lives = 0;
  for (; !(await ended()); lives += 1) {
    if (lives >= maxLives) throw new Error(`${maxLives} operators have died, and it has not ended`);
    const operator = await RunningOperator.start(cluster, identity, `operator-${lives}`, options);
    dies(operator.proxy, lives);
    await until('it ends, or the operator is cut off', async () => operator.proxy.isCut || (await ended()), (value) => value);
    await operator.kill();
    await expireLease(cluster, identity, options.shard === undefined ? undefined : `sluice-operator-${options.shard}`);
  }
  return lives;
}
