import { kubectlAt } from '../story/kubectl.ts';
import type { StoryOutput } from '../story/output.ts';
import { Checks, type StoryCheck } from '../story/result.ts';
import { AgentStand } from './agent-stand.ts';
import { checkReleases } from './release-checks.ts';
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
  /** Called while the objects that failed a check are still there. */
  readonly onFailure: (namespace: string) => Promise<void>;
}

const ROUTING_NAMESPACE = 'sluice-gateway-routing';
const AGENT_NAMESPACE = 'sluice-gateway-agent';

/** Real traffic through a real Envoy. What is not as promised is a failed check in the result. */
export async function runGatewayChecks(options: GatewayChecksOptions): Promise<readonly StoryCheck[]> {
  const checks = new Checks();
  options.output.chapter('Envoy Gateway: weights, pins, copies, and changes of them under load');
  await told('routing by Envoy', options, checks, async () => routing(options, checks));
  options.output.chapter('Releases of an agent behind the Gateway, under continuous load through Envoy');
  await told('releases behind the Gateway', options, checks, async () => agentReleases(options, checks));
  for (const { name, ok, detail } of checks.all) options.output.line(`${ok}: ${name}: ${detail}`);
  return checks.all;
}

/** What cannot go on is a failed check too: one run tells all. */
async function told(what: string, { signal }: GatewayChecksOptions, checks: Checks, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    signal.throwIfAborted();
    checks.expect(`${what} could be seen to its end`, 'failed', error instanceof Error ? error.message : String(error));
  }
}

async function agentReleases(options: GatewayChecksOptions, checks: Checks): Promise<void> {
  const stand = new AgentStand({ ...options, namespace: AGENT_NAMESPACE });
  try {
    await stand.build();
    await checkReleases({ stand, checks, output: options.output, signal: options.signal });
    if (checks.all.some(({ ok }) => ok === 'failed')) await options.onFailure(AGENT_NAMESPACE);
  } catch (error) {
    if (!options.signal.aborted) await options.onFailure(AGENT_NAMESPACE);
    throw error;
  } finally {
    if (!options.signal.aborted) await stand.remove();
    await stand.close();
  }
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
