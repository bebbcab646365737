import { startControlPlane } from '../cluster/cluster.ts';
import { systemClock } from '../progress/clock.ts';
import { createTerminalProgress } from '../progress/terminal-progress.ts';
import { ensureTools } from '../tools/tools.ts';

/** Global set-up of the vitest project `integration`: the API server that its tests talk to, in the variables that they read. */
export async function setup(): Promise<() => Promise<void>> {
  const stop = new AbortController();
  const options = { progress: createTerminalProgress({ stream: process.stderr, clock: systemClock }), signal: stop.signal };
  const tools = await ensureTools(['kubectl', 'helm', 'gateway-crds-helm'], options);
  process.env['KUBECTL'] ??= tools.kubectl;
  process.env['HELM'] ??= tools.helm;
  process.env['SLUICE_TEST_GATEWAY_CHART'] ??= tools['gateway-crds-helm'];
  if (process.env['SLUICE_TEST_KUBECONFIG'] !== undefined) return async () => undefined;
  const controlPlane = await startControlPlane(options);
  process.env['SLUICE_TEST_KUBECONFIG'] = controlPlane.kubeconfig;
  return async () => {
    await controlPlane.stop();
    stop.abort();
  };
}
