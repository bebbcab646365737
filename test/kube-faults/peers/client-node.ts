import { CoreV1Api, type Informer, KubeConfig, makeInformer, type ObjectCache, type V1ConfigMap } from '@kubernetes/client-node';
import { runPeer } from './peer-program.ts';

// @kubernetes/client-node: makeInformer, with the recipe of its documentation for errors: start again after five seconds.

const RESTART_MS = 5_000;
let informer: (Informer<V1ConfigMap> & ObjectCache<V1ConfigMap>) | undefined;
let stopped: 'running' | 'stopped' = 'running';

await runPeer({
  async start({ namespace }) {
    const config = new KubeConfig();
    config.loadFromDefault();
    const api = config.makeApiClient(CoreV1Api);
    const made = makeInformer<V1ConfigMap>(config, `/api/v1/namespaces/${namespace}/configmaps`, () => api.listNamespacedConfigMap({ namespace }));
    made.on('error', () => {
      setTimeout(() => {
        if (stopped === 'running') void made.start();
      }, RESTART_MS);
    });
    informer = made;
    await made.start();
  },
  view: () => Object.fromEntries((informer?.list() ?? []).map(({ metadata }) => [metadata?.name ?? '', metadata?.resourceVersion ?? ''])),
  async stop() {
    stopped = 'stopped';
    await informer?.stop();
  },
});
