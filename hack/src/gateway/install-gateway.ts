import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Cluster } from '../cluster/cluster.ts';
import { contentTag } from '../images/content-digest.ts';
import { CommandError } from '../process/command.ts';
import { type Progress, withStep } from '../progress/progress.ts';
import { ensureTools } from '../tools/tools.ts';
import { clusterCommands, type ClusterCommands } from '../up/cluster-command.ts';
import { clearInterrupted } from '../up/helm-release.ts';
import { installGatewayCrds } from './gateway-crds.ts';
import { GatewayError } from './gateway-error.ts';
import { ensureGatewayImages } from './gateway-images.ts';
import { GATEWAY, GATEWAY_NAMESPACE, gatewayObjects, INSTALLED_ANNOTATION } from './gateway-objects.ts';
import { fillValues, ownSettings } from './gateway-values.ts';

export { GatewayError } from './gateway-error.ts';
export { GATEWAY } from './gateway-objects.ts';

export interface GatewayOptions {
  readonly progress: Progress;
  readonly signal: AbortSignal;
  /** What helm and kubectl say beside their answer, a line each. */
  readonly onErrorLine?: (line: string) => void;
}

/** A Gateway that takes routes from every namespace. */
export interface InstalledGateway {
  readonly namespace: string;
  readonly name: string;
  /** Address of its Envoys' Service; routed from the host on a local node, inside the cluster on kind. */
  readonly address: string;
  readonly port: number;
}

const RELEASE = 'envoy-gateway';
const REPOSITORY = fileURLToPath(new URL('../../..', import.meta.url)).replace(/\/$/, '');
const HELM_TIMEOUT_MS = 4 * 60_000;
const APPLY_TIMEOUT_MS = 60_000;
const QUERY_TIMEOUT_MS = 30_000;
const READY_SECONDS = 180;

/** Installs Envoy Gateway with one Gateway, unless this very version is there. Throws GatewayError, ImageError, ToolError or CommandError. */
export async function installGateway(cluster: Cluster, options: GatewayOptions): Promise<InstalledGateway> {
  if (cluster.kind === 'existing') {
    throw new GatewayError(
      `context ${cluster.name}: the images of Envoy Gateway are built here and cannot be loaded into a cluster that is not ours; install a Gateway API implementation there yourself and name its Gateway in spec.route.parentRefs`,
    );
  }
  const { progress, signal } = options;
  const tools = await ensureTools(['kubectl', 'helm', 'gateway-helm'], options);
  const commands = clusterCommands({ ...tools, kubeconfig: cluster.kubeconfig, onErrorLine: options.onErrorLine ?? (() => undefined) });
  const images = await ensureGatewayImages(cluster, { repository: REPOSITORY, progress, signal, env: process.env });
  const values = fillValues(await readFile(join(tools['gateway-helm'], 'values.tmpl.yaml'), 'utf8'), images);
  const settings = ownSettings(images);
  const objects = (installation: string): string => gatewayObjects(images.envoy, installation);
  const installation = contentTag([{ name: 'all', content: JSON.stringify([tools['gateway-helm'], values, settings, objects('')]) }]);
  if ((await installedVersion(commands, signal)) !== installation) {
    await withStep(progress, 'install the Gateway API', async () => installGatewayCrds(cluster.kubeconfig, 'envoy-gateway', options));
    await withStep(progress, 'install Envoy Gateway (helm upgrade --install)', async () => installChart(tools['gateway-helm'], { values, settings }, commands, signal));
    await commands.kubectl(['apply', '--server-side', '--force-conflicts', '--field-manager=sluice-hack', '-f', '-'], { signal, timeoutMs: APPLY_TIMEOUT_MS, input: objects(installation) });
  }
  return withStep(progress, `wait for the Gateway ${GATEWAY.namespace}/${GATEWAY.name}`, async () => waitProgrammed(commands, signal));
}

/** The Gateway is applied last: its mark stands for the whole installation. */
async function installedVersion(commands: ClusterCommands, signal: AbortSignal): Promise<string | undefined> {
  const path = `{.metadata.annotations.${INSTALLED_ANNOTATION.replaceAll('.', '\\.')}}`;
  try {
    return await commands.kubectl(['-n', GATEWAY.namespace, 'get', 'gateways.gateway.networking.k8s.io', GATEWAY.name, '-o', `jsonpath=${path}`], { signal, timeoutMs: QUERY_TIMEOUT_MS });
  } catch (error) {
    // No such kind, or no such Gateway.
    if (error instanceof CommandError) return undefined;
    throw error;
  }
}

async function installChart(chart: string, filled: { readonly values: string; readonly settings: readonly string[] }, commands: ClusterCommands, signal: AbortSignal): Promise<void> {
  await clearInterrupted({ release: RELEASE, namespace: GATEWAY_NAMESPACE }, commands, signal);
  const where = ['--namespace', GATEWAY_NAMESPACE, '--create-namespace', '--skip-crds', '--timeout', '3m'];
  const settings = filled.settings.flatMap((setting) => ['--set', setting]);
  await commands.helm(['upgrade', '--install', RELEASE, chart, ...where, '--values', '-', ...settings], { signal, timeoutMs: HELM_TIMEOUT_MS, input: filled.values });
}

async function waitProgrammed(commands: ClusterCommands, signal: AbortSignal): Promise<InstalledGateway> {
  const gateway = ['-n', GATEWAY.namespace, 'gateways.gateway.networking.k8s.io', GATEWAY.name];
  const call = { signal, timeoutMs: (READY_SECONDS + 10) * 1000 };
  try {
    await commands.kubectl(['-n', GATEWAY_NAMESPACE, 'rollout', 'status', 'deployment/envoy-gateway', `--timeout=${READY_SECONDS}s`], call);
    await commands.kubectl(['wait', '--for=condition=Programmed', `--timeout=${READY_SECONDS}s`, ...gateway], call);
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    const pods = await commands.kubectl(['-n', GATEWAY_NAMESPACE, 'get', 'pods', '-o', 'wide'], { signal, timeoutMs: QUERY_TIMEOUT_MS });
    throw new GatewayError(`Envoy Gateway was not ready within ${READY_SECONDS} s: ${error.stderr}\n${pods}`, { cause: error });
  }
  const address = await commands.kubectl(['get', ...gateway, '-o', 'jsonpath={.status.addresses[0].value}'], { signal, timeoutMs: QUERY_TIMEOUT_MS });
  if (address === '') throw new GatewayError(`the Gateway ${GATEWAY.namespace}/${GATEWAY.name} has no address: look at its status`);
  return { namespace: GATEWAY.namespace, name: GATEWAY.name, address, port: GATEWAY.port };
}
