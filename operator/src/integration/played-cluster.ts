import { afterAll, beforeAll } from 'vitest';
import { PlayedKubelet } from './played-kubelet.ts';
import { TestCluster } from './test-cluster.ts';

/** The cluster of a test file whose operators come and go, with somebody who plays its nodes; there from the first test to the last. */
export function playedCluster(): () => TestCluster {
  let cluster: TestCluster | undefined;
  let kubelet: PlayedKubelet | undefined;
  beforeAll(async () => {
    cluster = await TestCluster.connect(process.env);
    kubelet = PlayedKubelet.start(cluster);
  });
  afterAll(async () => {
    await kubelet?.stop();
    await cluster?.close();
  });
  return () => {
    if (cluster === undefined) throw new Error('the cluster is there when a test runs, not before');
    return cluster;
  };
}
