import { SYSTEM_NAMESPACE } from './chart.ts';
import { DEMO_NAMESPACE } from './claim-context.ts';
import type { Environment } from './environment.ts';

/** What is there to be looked at. */
export interface Reachable {
  readonly cluster: Pick<Environment['cluster'], 'kubeconfig'>;
  readonly gateway: Environment['gateway'];
}

/** What to do after `up`: `repository` is the folder of the clone, `down` the command that removes it all. */
export function nextLines({ cluster, gateway }: Reachable, { repository, down }: { readonly repository: string; readonly down: string }): readonly string[] {
  return [
    'To look on:',
    `  export KUBECONFIG=${cluster.kubeconfig}`,
    `  export PATH="${repository}/cli/bin:$PATH"     # the plugin: kubectl sluice --help`,
    `  kubectl sluice status support -n ${DEMO_NAMESPACE}`,
    `  kubectl -n ${DEMO_NAMESPACE} get agentdeployments,releases,evalruns`,
    `  kubectl -n ${DEMO_NAMESPACE} describe agentdeployment support`,
    `  kubectl -n ${DEMO_NAMESPACE} get agentdeployments --watch     # then, elsewhere: kubectl apply -f examples/support-agent/5-bad-prompt.yaml`,
    `  kubectl -n ${SYSTEM_NAMESPACE} logs deployment/sluice --follow`,
    ...gatewayLines(gateway),
    `To remove it all: ${down}`,
  ];
}

function gatewayLines(gateway: Environment['gateway']): readonly string[] {
  if (gateway === undefined) return [];
  return [`Gateway for spec.route: ${gateway.namespace}/${gateway.name}, its Envoys answer at http://${gateway.address}:${gateway.port} (docs/gateway.md)`];
}
