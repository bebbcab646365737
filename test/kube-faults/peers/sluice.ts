import { configMaps, connectionFromEnvironment, Informer, KubeClient, Transport } from '@sluice/kube';
import { runPeer } from './peer-program.ts';

// @sluice/kube: an Informer. Its bound for a silent watch is set to the half minute that client-node has built in.

const stop = new AbortController();
const transport = new Transport({ connection: connectionFromEnvironment({ env: process.env }) });
const namespace = process.env['PEER_NAMESPACE'] ?? 'default';
const informer = new Informer({ client: new KubeClient({ transport }), type: configMaps, namespace, stallMs: 30_000 });
let running: Promise<void> | undefined;

await runPeer({
  async start() {
    running = informer.run(stop);
  },
  view: () => Object.fromEntries(informer.store.list().map(({ metadata }) => [metadata.name, metadata.resourceVersion ?? ''])),
  async stop() {
    stop.abort();
    await running;
    await transport.close();
  },
});
