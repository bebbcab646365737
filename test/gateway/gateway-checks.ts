import { kubectlAt } from '../story/kubectl.ts';
import type { StoryOutput } from '../story/output.ts';
import { Checks, type StoryCheck } from '../story/result.ts';
import { checkRouting } from './routing-checks.ts';
import { type GatewayAddress, Stand } from './stand.ts';

export interface GatewayChecksOptions {
  readonly kubeconfig: string;
  /** Path of the program. */
  readonly kubectl: string;
  readonly testToolsImage: string;
  readonly gateway: GatewayAddress;
  readonly output: StoryOutput;
  readonly signal: AbortSignal;
}

const ROUTING_NAMESPACE = 'sluice-gateway-routing';

/** Real traffic through a real Envoy. What is not as promised is a failed check in the result. */
export async function runGatewayChecks(options: GatewayChecksOptions): Promise<readonly StoryCheck[]> {
  const checks = new Checks();
  options.output.chapter('Envoy Gateway: weights, pins, copies, and changes of them under load');
  await routing(options, checks);
  for (const { name, ok, detail } of checks.all) options.output.line(`${ok}: ${name}: ${detail}`);
  return checks.all;
}

async function routing({ gateway, kubeconfig, kubectl, testToolsImage, signal }: GatewayChecksOptions, checks: Checks): Promise<void> {
  const stand = new Stand({ kubectl: kubectlAt(kubectl, kubeconfig), gateway, namespace: ROUTING_NAMESPACE, testToolsImage, signal });
  await stand.build();
  try {
    await checkRouting(stand, checks);
  } finally {
    if (!signal.aborted) await stand.remove();
  }
}
