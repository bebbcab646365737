import { afterAll, beforeAll } from 'vitest';
import { installGatewayApi } from './gateway-api.ts';
import { makeIdentity, type OperatorIdentity } from './operator-identity.ts';
import { PlayedGateway } from './played-gateway.ts';
import { PlayedKubelet } from './played-kubelet.ts';
import { RunningOperator } from './running-operator.ts';
import type { Stage } from './scene.ts';
import { TestCluster } from './test-cluster.ts';

/** One operator beside a played Gateway and a played kubelet, for all tests of the file that calls it. */
export function routedStage(): Stage {
  let cluster: TestCluster;
  let kubelet: PlayedKubelet;
  let gateway: PlayedGateway;
  let identity: OperatorIdentity;
  let operator: RunningOperator;

  beforeAll(async () => {
    cluster = await TestCluster.connect(process.env);
    await installGatewayApi(cluster);
    kubelet = PlayedKubelet.start(cluster);
    gateway = PlayedGateway.start(cluster);
    identity = await makeIdentity(cluster, []);
    operator = await RunningOperator.start(cluster, identity, 'operator-0');
  });

  afterAll(async () => {
    await operator?.stop();
    await identity?.remove();
    await kubelet?.stop();
    await gateway?.stop();
    await cluster?.close();
  });

  return { cluster: () => cluster, operator: () => operator };
}
