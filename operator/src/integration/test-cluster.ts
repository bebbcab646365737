import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import {
  type ClusterConnection, connectionFromEnvironment, customResourceDefinitions, isAlreadyExists, isNotFound, KubeClient, type KubeObject, namespaces, Transport,
  type CustomResourceDefinition,
} from '@sluice/kube';
import { parse } from 'yaml';
import { until } from './until.ts';

const manifests = fileURLToPath(new URL('../../../crds/manifests/', import.meta.url));
const noSignal = new AbortController().signal;

/** For calls that only their own deadline ends. */
export const call = { signal: noSignal, deadlineMs: 20_000 };

/** The real API server of the integration tests, with an administrator's rights. */
export class TestCluster {
  readonly connection: ClusterConnection;
  readonly transport: Transport;
  readonly admin: KubeClient;
  /** Since when the model provider is down for the played pods of a namespace, milliseconds since the epoch. */
  readonly outages = new Map<string, number>();
  readonly #kubeconfig: string;
  readonly #namespaces: string[] = [];
  readonly #impersonating: Transport[] = [];

  private constructor(kubeconfig: string) {
    this.#kubeconfig = kubeconfig;
    this.connection = connectionFromEnvironment({ env: { KUBECONFIG: kubeconfig } });
    this.transport = new Transport({ connection: this.connection, userAgent: 'integration-test' });
    this.admin = new KubeClient({ transport: this.transport, fieldManager: 'integration-test' });
  }

  /** Throws when the environment names no API server. The CRDs are installed when this returns. */
  static async connect(env: Readonly<Record<string, string | undefined>>): Promise<TestCluster> {
    const kubeconfig = env['SLUICE_TEST_KUBECONFIG'];
    if (kubeconfig === undefined) throw new Error('SLUICE_TEST_KUBECONFIG is not set: these tests need a real API server; run ./hack/test, or name the kubeconfig of one');
    const cluster = new TestCluster(kubeconfig);
    await cluster.#installDefinitions();
    return cluster;
  }

  /** A namespace of its own, removed by {@link close}. */
  async namespace(title: string): Promise<string> {
    const name = `it-${title}-${randomUUID().slice(0, 6)}`;
    await this.admin.create(namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name } }, call);
    this.#namespaces.push(name);
    return name;
  }

  /** A client of somebody else: the API server takes every request for one of this user's. */
  as(user: string, groups: readonly string[] = ['system:authenticated']): KubeClient {
    return new KubeClient({ transport: this.transportAs(user, groups), fieldManager: 'integration-test' });
  }

  transportAs(user: string, groups: readonly string[] = ['system:authenticated']): Transport {
    const transport = new Transport({ connection: { ...this.connection, impersonate: { user, uid: undefined, groups, extra: {} } }, userAgent: 'integration-test' });
    this.#impersonating.push(transport);
    return transport;
  }

  get namespaces(): readonly string[] {
    return this.#namespaces;
  }

  /** Output of kubectl, for what a user sees. */
  kubectl(args: readonly string[]): Promise<string> {
    return new Promise((resolve, reject) => {
      const command = ['--kubeconfig', this.#kubeconfig, '--request-timeout=20s', ...args];
      execFile(process.env['KUBECTL'] ?? 'kubectl', command, { timeout: 60_000, maxBuffer: 64 * 1024 * 1024 }, (error, stdout, stderr) => {
        if (error === null) resolve(stdout);
        else reject(new Error(`kubectl ${args.join(' ')} failed: ${stderr}`, { cause: error }));
      });
    });
  }

  /** The namespaces go in the background: their content needs a controller to go. */
  async close(): Promise<void> {
    for (const name of this.#namespaces) {
      await this.admin.delete(namespaces, { namespace: '', name }, { propagationPolicy: 'Background' }, call).catch((error: unknown) => {
        if (!isNotFound(error)) throw error;
      });
    }
    await Promise.all([this.transport, ...this.#impersonating].map((transport) => transport.close()));
  }

  async #installDefinitions(): Promise<void> {
    for (const file of await readdir(manifests)) {
      const definition = parse(await readFile(`${manifests}${file}`, 'utf8')) as CustomResourceDefinition & KubeObject;
      await this.admin.create(customResourceDefinitions, definition, call).catch((error: unknown) => {
        if (!isAlreadyExists(error)) throw error;
      });
      const key = { namespace: '', name: definition.metadata.name };
      await until(`${definition.metadata.name} is served`, () => this.admin.get(customResourceDefinitions, key, call), (found) =>
        found.status?.conditions?.some((condition) => condition.type === 'Established' && condition.status === 'True') ?? false,
      );
    }
  }
}
