import { kubectlAt } from '../story/kubectl.ts';
import type { StoryOutput } from '../story/output.ts';
import { Checks, type StoryCheck } from '../story/result.ts';
import { AgentStand, type AgentStandOptions } from './agent-stand.ts';
import { checkReleases } from './release-checks.ts';
import type { ReleaseChecksOptions, Shards } from './release-watch.ts';
import { checkRouting } from './routing-checks.ts';
import { checkWithoutGateway } from './service-checks.ts';
import { type GatewayAddress, Stand } from './stand.ts';

export interface GatewayChecksOptions {
  readonly kubeconfig: string;
  /** Path of the program. */
  readonly kubectl: string;
  readonly testToolsImage: string;
  readonly gateway: GatewayAddress;
  readonly output: StoryOutput;
  readonly shards: Shards;
  readonly signal: AbortSignal;
  /** Called while the objects that failed a check are still there. */
  readonly onFailure: (namespace: string) => Promise<void>;
}

const ROUTING_NAMESPACE = 'sluice-gateway-routing';
const AGENT_NAMESPACE = 'sluice-gateway-agent';
const SERVICE_NAMESPACE = 'sluice-service-agent';

/** Real traffic through a real Envoy. What is not as promised is a failed check in the result. */
export async function runGatewayChecks(options: GatewayChecksOptions): Promise<readonly StoryCheck[]> {
  const checks = new Checks();
  options.output.chapter('Envoy Gateway: weights, pins, copies, and changes of them under load');
  await told('routing by Envoy', options, checks, async () => routing(options, checks));
  options.output.chapter('Releases of an agent behind the Gateway, under continuous load through Envoy');
  await told('releases behind the Gateway', options, checks, async () => withAgent(options, { namespace: AGENT_NAMESPACE, gateway: options.gateway }, checks, checkReleases));
  options.output.chapter('An agent without a Gateway: adoption, and releases under continuous load through its Service');
  await told('releases without a Gateway', options, checks, async () => withAgent(options, { namespace: SERVICE_NAMESPACE }, checks, checkWithoutGateway));
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

type Place = Pick<AgentStandOptions, 'namespace' | 'gateway'>;

async function withAgent(options: GatewayChecksOptions, place: Place, checks: Checks, check: (options: ReleaseChecksOptions) => Promise<void>): Promise<void> {
  const { kubeconfig, kubectl, testToolsImage, output, shards, signal } = options;
  const stand = new AgentStand({ kubeconfig, kubectl, testToolsImage, signal, ...place });
  const failedBefore = failed(checks);
  try {
    await stand.build();
    await check({ stand, checks, output, shards, signal });
    if (failed(checks) > failedBefore) await options.onFailure(place.namespace);
  } catch (error) {
    if (!signal.aborted) await options.onFailure(place.namespace);
    throw error;
  } finally {
    if (!signal.aborted) await stand.remove();
    await stand.close();
  }
}

function failed(checks: Checks): number {
  return checks.all.filter(({ ok }) => ok === 'failed').length;
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
