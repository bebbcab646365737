import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { OperatorIdentity } from './operator-identity.ts';
import { RecordingProxy, type StreamingLists } from './recording-proxy.ts';
import type { TestCluster } from './test-cluster.ts';
import { until } from './until.ts';
import { freePort } from './free-port.ts';

const program = fileURLToPath(new URL('../main.ts', import.meta.url));

export interface RunningOperatorOptions {
  /** Default 'passed'. */
  readonly streamingLists?: StreamingLists;
  readonly shard?: string;
}

/** The operator as it is shipped, in a process of its own, with its own rights and with every request recorded. */
export class RunningOperator {
  readonly proxy: RecordingProxy;
  readonly #process: ChildProcess;
  readonly #ended: Promise<unknown>;
  readonly #port: number;
  readonly #folder: string;
  #log = '';

  private constructor(parts: { proxy: RecordingProxy; process: ChildProcess; port: number; folder: string }) {
    this.proxy = parts.proxy;
    this.#process = parts.process;
    this.#port = parts.port;
    this.#folder = parts.folder;
    this.#ended = once(parts.process, 'exit');
    for (const stream of [parts.process.stdout, parts.process.stderr]) stream?.on('data', (chunk: Buffer) => (this.#log += chunk.toString('utf8')));
  }

  /** Resolves when its caches are filled. `name` is the pod's. */
  static async start(cluster: TestCluster, identity: OperatorIdentity, name: string, options: RunningOperatorOptions = {}): Promise<RunningOperator> {
    const proxy = await RecordingProxy.listen(cluster.connection, { streamingLists: options.streamingLists ?? 'passed' });
    const folder = await mkdtemp(join(tmpdir(), 'sluice-operator-'));
    const kubeconfig = join(folder, 'kubeconfig');
    await writeFile(kubeconfig, kubeconfigOf(proxy.url, identity.token), { mode: 0o600 });
    const port = await freePort();
    const env = {
      KUBECONFIG: kubeconfig, POD_NAME: name, POD_NAMESPACE: identity.namespace, SLUICE_WATCH_NAMESPACES: identity.watched.join(','),
      SLUICE_HOST: '127.0.0.1', SLUICE_PORT: String(port), SLUICE_LOG_LEVEL: 'debug', SLUICE_SHARD: options.shard ?? '',
    };
    const running = new RunningOperator({ proxy, process: spawn(process.execPath, [program], { env, stdio: ['ignore', 'pipe', 'pipe'] }), port, folder });
    await until(`operator ${name} is ready`, () => running.page('/readyz'), (text) => text === 'ok\n' || running.#process.exitCode !== null);
    if (running.#process.exitCode !== null) throw new Error(`operator ${name} ended: ${running.log}`);
    return running;
  }

  /** What it has printed so far. */
  get log(): string {
    return this.#log;
  }

  /** A page of its own server; '' when it does not answer. */
  async page(path: string): Promise<string> {
    const answer = await fetch(`http://127.0.0.1:${this.#port}${path}`, { signal: AbortSignal.timeout(5_000) }).catch(() => undefined);
    return (await answer?.text()) ?? '';
  }

  /** As Kubernetes stops a pod. Returns the exit code. */
  async stop(): Promise<number | null> {
    this.#process.kill('SIGTERM');
    await this.#ended;
    await this.#clear();
    return this.#process.exitCode;
  }

  /** As a frozen machine does: what it was about to do it does when it wakes. */
  freeze(): void {
    this.#process.kill('SIGSTOP');
  }

  /** As a crash does: nothing is released, nothing is finished. */
  async kill(): Promise<void> {
    this.#process.kill('SIGKILL');
    await this.#ended;
    await this.#clear();
  }

  async #clear(): Promise<void> {
    await this.proxy.close();
    await rm(this.#folder, { recursive: true, force: true });
  }
}

function kubeconfigOf(server: string, token: string): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'test', cluster: { server } }],
    users: [{ name: 'operator', user: { token } }],
    contexts: [{ name: 'test', context: { cluster: 'test', user: 'operator' } }],
    'current-context': 'test',
  });
}
