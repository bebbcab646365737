import { installGatewayApi } from './gateway-api.ts';
import { operatorStage, type OperatorStageOptions } from './operator-stage.ts';
import { PlayedGateway } from './played-gateway.ts';
import type { Stage } from './scene.ts';

export interface RoutedStage extends Stage {
  readonly gateway: () => PlayedGateway;
}

/** One operator beside a played Gateway and a played kubelet, for all tests of the file that calls it. `prepare`: default, the Gateway API is installed. */
export function routedStage({ prepare = installGatewayApi, ...options }: Omit<OperatorStageOptions, 'besides'> = {}): RoutedStage {
  let gateway: PlayedGateway;
  const stage = operatorStage({ ...options, prepare, besides: (cluster) => (gateway = PlayedGateway.start(cluster)) });
  return { ...stage, gateway: () => gateway };
}
