import { afterAll, beforeAll, describe } from 'vitest';
import { makeIdentity, type OperatorIdentity } from './operator-identity.ts';
import { removeHTTPRoutes } from './gateway-api.ts';
import { PlayedGateway } from './played-gateway.ts';
import { PlayedKubelet } from './played-kubelet.ts';
import { RunningOperator } from './running-operator.ts';
import type { Stage } from './scene.ts';
import { autoscaled } from './stories/autoscaled.ts';
import { badRevisions } from './stories/bad-revisions.ts';
import { changedMinds } from './stories/changed-minds.ts';
import { foreignObjects } from './stories/foreign-objects.ts';
import { goodRevisions } from './stories/good-revisions.ts';
import { humanEdits } from './stories/human-edits.ts';
import { providerOutage } from './stories/provider-outage.ts';
import { references } from './stories/references.ts';
import { routed } from './stories/routed.ts';
import { refusedWrites } from './stories/refused-writes.ts';
import { rights } from './stories/rights.ts';
import { TestCluster } from './test-cluster.ts';

/** For stories of several releases side by side on a busy machine, milliseconds. */
const storyTimeoutMs = 180_000;

let cluster: TestCluster;
let kubelet: PlayedKubelet;
let gateway: PlayedGateway;
let identity: OperatorIdentity;
let operator: RunningOperator;

const stage: Stage = { cluster: () => cluster, operator: () => operator };

beforeAll(async () => {
  cluster = await TestCluster.connect(process.env);
  await removeHTTPRoutes(cluster);
  kubelet = PlayedKubelet.start(cluster);
  gateway = PlayedGateway.start(cluster);
  identity = await makeIdentity(cluster, []);
  // The operators of the failover stories read streaming lists; this one has to list, and needs the right to.
  operator = await RunningOperator.start(cluster, identity, 'operator-0', { streamingLists: 'refused' });
});

afterAll(async () => {
  await operator?.stop();
  await identity?.remove();
  await kubelet?.stop();
  await gateway?.stop();
  await cluster?.close();
});

describe('the operator on a real API server with real controllers', { timeout: storyTimeoutMs }, () => {
  goodRevisions(stage);
  badRevisions(stage);
  changedMinds(stage);
  autoscaled(stage);
  humanEdits(stage);
  foreignObjects(stage);
  providerOutage(stage);
  references(stage);
  refusedWrites(stage);
  routed(stage);
  rights(stage);
});
