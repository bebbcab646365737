import { afterAll, beforeAll } from 'vitest';
import { makeIdentity, type OperatorIdentity } from './operator-identity.ts';
import { PlayedKubelet } from './played-kubelet.ts';
import { RunningOperator, type RunningOperatorOptions } from './running-operator.ts';
import type { Stage } from './scene.ts';
import { TestCluster } from './test-cluster.ts';

/** Plays a part of the cluster until it is stopped. */
export interface Player {
  stop(): Promise<void>;
}

export interface OperatorStageOptions {
  /** Before anybody plays. */
  readonly prepare?: (cluster: TestCluster) => Promise<void>;
  /** Begins what is played beside the kubelet. */
  readonly besides?: (cluster: TestCluster) => Player;
  readonly operator?: RunningOperatorOptions;
}

/** One operator beside a played kubelet, for all tests of the file that calls it. */
export function operatorStage({ prepare, besides, operator: options }: OperatorStageOptions = {}): Stage {
  let cluster: TestCluster;
  let kubelet: PlayedKubelet;
  let other: Player | undefined;
  let identity: OperatorIdentity;
  let operator: RunningOperator;

  beforeAll(async () => {
    cluster = await TestCluster.connect(process.env);
    await prepare?.(cluster);
    kubelet = PlayedKubelet.start(cluster);
    other = besides?.(cluster);
    identity = await makeIdentity(cluster, []);
    operator = await RunningOperator.start(cluster, identity, 'operator-0', options);
  });

  afterAll(async () => {
    await operator?.stop();
    await identity?.remove();
    await kubelet?.stop();
    await other?.stop();
    await cluster?.close();
  });

  return { cluster: () => cluster, operator: () => operator };
}
