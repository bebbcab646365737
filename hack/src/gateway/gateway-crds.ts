import { runCommand } from '../process/command.ts';
import { ensureTools, type ToolsOptions } from '../tools/tools.ts';

/** The first reading of the charts takes a second; the rest is room. */
const TEMPLATE_TIMEOUT_MS = 60_000;
const APPLY_TIMEOUT_MS = 3 * 60_000;

export type CrdScope =
  /** The Gateway API's standard channel. */
  | 'gateway-api'
  /** And Envoy Gateway's own kinds. */
  | 'envoy-gateway';

/** The definitions as YAML, from the charts of Envoy Gateway's module. Throws CommandError or ToolError. */
export async function renderGatewayCrds(scope: CrdScope, options: ToolsOptions): Promise<string> {
  const tools = await ensureTools(['helm', 'gateway-crds-helm'], options);
  const settings = ['crds.gatewayAPI.enabled=true', 'crds.gatewayAPI.channel=standard', `crds.envoyGateway.enabled=${scope === 'envoy-gateway'}`];
  const args = ['template', 'crds', tools['gateway-crds-helm'], ...settings.flatMap((setting) => ['--set', setting])];
  return runCommand(tools.helm, args, { signal: options.signal, timeoutMs: TEMPLATE_TIMEOUT_MS });
}

/** Applies the definitions to the cluster behind the kubeconfig and waits until they are served. Throws CommandError or ToolError. */
export async function installGatewayCrds(kubeconfig: string, scope: CrdScope, options: ToolsOptions): Promise<void> {
  const { kubectl } = await ensureTools(['kubectl'], options);
  const input = await renderGatewayCrds(scope, options);
  const run = async (args: readonly string[]): Promise<string> => runCommand(kubectl, ['--kubeconfig', kubeconfig, ...args], { signal: options.signal, timeoutMs: APPLY_TIMEOUT_MS, input });
  await run(['apply', '--server-side', '--force-conflicts', '--field-manager=sluice-hack', '-f', '-']);
  await run(['wait', '--for=condition=Established', '--timeout=60s', ...definitionNames(input).map((name) => `customresourcedefinition/${name}`)]);
}

/** Names of the definitions among the objects; the others (an admission policy) have no condition to wait for. */
export function definitionNames(yaml: string): readonly string[] {
  const objects = yaml.split(/^---$/m).filter((object) => /^kind: CustomResourceDefinition$/m.test(object));
  return objects.flatMap((object) => /^ {2}name: (\S+)$/m.exec(object)?.slice(1, 2) ?? []);
}
