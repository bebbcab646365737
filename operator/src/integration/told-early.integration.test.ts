import { afterAll, beforeAll, describe } from 'vitest';
import { makeIdentity, type OperatorIdentity } from './operator-identity.ts';
import { PlayedKubelet } from './played-kubelet.ts';
import { RunningOperator } from './running-operator.ts';
import type { Stage } from './scene.ts';
import { toldEarly } from './stories/told-early.ts';
import { TestCluster } from './test-cluster.ts';

/** For stories side by side on a busy machine, milliseconds. */
const storyTimeoutMs = 480_000;

let cluster: TestCluster;
let kubelet: PlayedKubelet;
let identity: OperatorIdentity;
let operator: RunningOperator;

const stage: Stage = { cluster: () => cluster, operator: () => operator };

beforeAll(async () => {
  cluster = await TestCluster.connect(process.env);
  kubelet = PlayedKubelet.start(cluster);
  identity = await makeIdentity(cluster, []);
  operator = await RunningOperator.start(cluster, identity, 'operator-0');
});

afterAll(async () => {
  await operator?.stop();
  await identity?.remove();
  await kubelet?.stop();
  await cluster?.close();
});

describe('on a real API server', { timeout: storyTimeoutMs }, () => {
  toldEarly(stage);
});
