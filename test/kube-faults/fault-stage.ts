import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ClusterConnection, customResourceDefinitions, KubeClient, loadKubeConfig, namespaces, Transport } from '@sluice/kube';
import { parse, stringify } from 'yaml';
import { type ControlPlane, startControlPlane } from '../../hack/src/cluster/control-plane.ts';
import { silentProgress } from '../../hack/src/progress/progress.ts';
import { widgetDefinition } from '../../kube/src/testing/widgets.ts';
import { within } from './within.ts';
import { FaultProxy, type FaultProxyOptions } from './proxy/fault-proxy.ts';
import type { Upstream } from './proxy/upstream.ts';

/** A control plane of its own, a way to it that works, and proxies in front of it that do not. */
export class FaultStage {
  readonly controlPlane: ControlPlane;
  readonly upstream: Upstream;
  /** Straight to the API server. */
  readonly client: KubeClient;
  readonly stop = new AbortController();
  readonly #transport: Transport;
  readonly #folder: string;
  readonly #proxies: FaultProxy[] = [];
  #files = 0;

  private constructor(controlPlane: ControlPlane, folder: string) {
    this.controlPlane = controlPlane;
    this.#folder = folder;
    this.upstream = upstreamOf(controlPlane);
    this.#transport = new Transport({ connection: this.direct() });
    this.client = new KubeClient({ transport: this.#transport });
  }

  static async open(): Promise<FaultStage> {
    const controlPlane = await startControlPlane({ progress: silentProgress, signal: new AbortController().signal });
    const stage = new FaultStage(controlPlane, await mkdtemp(join(tmpdir(), 'kube-faults-')));
    try {
      await stage.#installWidgets();
      return stage;
    } catch (error) {
      await stage.close();
      throw error;
    }
  }

  direct(): ClusterConnection {
    return loadKubeConfig({ path: this.controlPlane.kubeconfig, env: {} });
  }

  async proxy(options: Omit<FaultProxyOptions, 'upstream'> = {}): Promise<FaultProxy> {
    const proxy = await FaultProxy.start({ ...options, upstream: this.upstream });
    this.#proxies.push(proxy);
    return proxy;
  }

  /** A kubeconfig that leads through the proxy: for programs that read one. */
  async kubeconfig(proxy: FaultProxy): Promise<string> {
    this.#files += 1;
    const path = join(this.#folder, `kubeconfig-${this.#files}.yaml`);
    await writeFile(path, stringify(kubeconfigTo(proxy)), { mode: 0o600 });
    return path;
  }

  async namespace(name: string): Promise<string> {
    await this.client.apply(namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name } }, { fieldManager: 'kube-faults', conflicts: 'force' }, this.stop);
    return name;
  }

  /** Ends everything, in whatever state it is. */
  async close(): Promise<void> {
    this.stop.abort();
    await Promise.all(this.#proxies.map((proxy) => proxy.close()));
    await this.#transport.close();
    await this.controlPlane.stop();
    await rm(this.#folder, { recursive: true, force: true });
  }

  async #installWidgets(): Promise<void> {
    await this.client.apply(customResourceDefinitions, widgetDefinition, { fieldManager: 'kube-faults', conflicts: 'force' }, this.stop);
    await within(30_000, 'the Widget kind is served', async () => {
      const definition = await this.client.get(customResourceDefinitions, { namespace: '', name: widgetDefinition.metadata.name }, this.stop);
      return definition.status?.conditions?.some(({ type, status }) => type === 'Established' && status === 'True') ?? false;
    });
  }
}

/** A connection through the proxy; the proxy needs no credential. */
export function connectionThrough(proxy: FaultProxy): ClusterConnection {
  return {
    server: proxy.url,
    namespace: 'default',
    credentials: { current: () => Promise.resolve({ authorization: undefined, certificate: undefined }), rejected: () => undefined },
    trust: () => Promise.resolve({ ca: proxy.authority, serverName: undefined, verify: 'verify' }),
  };
}

function kubeconfigTo(proxy: FaultProxy): object {
  const name = 'faults';
  return {
    apiVersion: 'v1', kind: 'Config', 'current-context': name,
    clusters: [{ name, cluster: { server: proxy.url, 'certificate-authority-data': Buffer.from(proxy.authority).toString('base64') } }],
    users: [{ name, user: {} }],
    contexts: [{ name, context: { cluster: name, user: name } }],
  };
}

function upstreamOf(controlPlane: ControlPlane): Upstream {
  const config = parse(readFileSync(controlPlane.kubeconfig, 'utf8')) as {
    clusters: { cluster: Record<string, string> }[];
    users: { user: Record<string, string> }[];
  };
  const decoded = (text: string | undefined) => Buffer.from(text ?? '', 'base64').toString('utf8');
  const user = config.users[0]?.user;
  return {
    url: controlPlane.url,
    authority: decoded(config.clusters[0]?.cluster['certificate-authority-data']),
    certificate: { cert: decoded(user?.['client-certificate-data']), key: decoded(user?.['client-key-data']) },
  };
}
