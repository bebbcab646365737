import { expect, test } from 'vitest';
import { existingCluster } from '../cluster/existing-cluster.ts';
import { silentProgress } from '../progress/progress.ts';
import { GatewayError, installGateway } from './install-gateway.ts';

test('a cluster that is not ours is told what to do instead, before anything is built', async () => {
  const cluster = existingCluster('production', '/nowhere/kubeconfig');
  const refused = installGateway(cluster, { progress: silentProgress, signal: new AbortController().signal });
  await expect(refused).rejects.toThrow(GatewayError);
  await expect(refused).rejects.toThrow('context production: the images of Envoy Gateway are built here and cannot be loaded into a cluster that is not ours; install a Gateway API implementation there yourself');
});
