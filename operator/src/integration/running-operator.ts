import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { operatorEnvironment } from './operator-environment.ts';
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
  /** Further ones of its environment. */
  readonly variables?: Readonly<Record<string, string>>;
  /** Called before the operator begins: it may write before it is ready. */
  readonly prepare?: (proxy: RecordingProxy) => void;
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

  /** Resolves when its caches are filled, or its connection is cut. `name` is the pod's. */
  static async start(cluster: TestCluster, identity: OperatorIdentity, name: string, options: RunningOperatorOptions = {}): Promise<RunningOperator> {
    const proxy = await RecordingProxy.listen(cluster.connection, { streamingLists: options.streamingLists ?? 'passed' });
    options.prepare?.(proxy);
    const folder = await mkdtemp(join(tmpdir(), 'sluice-operator-'));
    const port = await freePort();
    const env = { ...(await operatorEnvironment({ server: proxy.url, identity, name, folder, shard: options.shard })), SLUICE_PORT: String(port), SLUICE_LOG_LEVEL: 'debug', ...options.variables };
    const running = new RunningOperator({ proxy, process: spawn(process.execPath, [program], { env, stdio: ['ignore', 'pipe', 'pipe'] }), port, folder });
    await until(`operator ${name} is ready`, () => running.page('/readyz'), (text) => text === 'ok\n' || proxy.isCut || running.#process.exitCode !== null);
    if (running.#process.exitCode !== null && !proxy.isCut) throw new Error(`operator ${name} ended: ${running.log}`);
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
