import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { helm } from './rendered-chart.ts';
import type { TestCluster } from './test-cluster.ts';

const definition = 'customresourcedefinition/httproutes.gateway.networking.k8s.io';
const settings = ['crds.gatewayAPI.enabled=true', 'crds.gatewayAPI.channel=standard', 'crds.envoyGateway.enabled=false'];

/** The definitions of the Gateway API, as Envoy Gateway ships them. Resolves when they are served. */
export async function installGatewayApi(cluster: TestCluster): Promise<void> {
  const chart = process.env['SLUICE_TEST_GATEWAY_CHART'];
  if (chart === undefined) throw new Error('SLUICE_TEST_GATEWAY_CHART is not set: run ./hack/test, or name the folder of the chart gateway-crds-helm of Envoy Gateway');
  const folder = await mkdtemp(join(tmpdir(), 'sluice-gateway-api-'));
  const file = join(folder, 'definitions.yaml');
  try {
    await writeFile(file, await helm('template', 'crds', chart, ...settings.flatMap((setting) => ['--set', setting])));
    await cluster.kubectl(['apply', '--server-side', '--force-conflicts', '-f', file]);
    await cluster.kubectl(['wait', '--for=condition=Established', '--timeout=15s', definition]);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** For a cluster that an earlier run has given the definition. */
export async function removeHTTPRoutes(cluster: TestCluster): Promise<void> {
  await cluster.kubectl(['delete', '--ignore-not-found', '--timeout=15s', definition]);
}
