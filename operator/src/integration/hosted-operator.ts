import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { Logger } from '@sluice/kube';
import { readConfig } from '../config.ts';
import { Operator } from '../operator.ts';
import { operatorEnvironment } from './operator-environment.ts';
import type { OperatorIdentity } from './operator-identity.ts';
import { RecordingProxy } from './recording-proxy.ts';
import type { RunningOperatorOptions } from './running-operator.ts';
import type { TestCluster } from './test-cluster.ts';

/** Of what it says, kept for the error of a test. */
const lastLines = 200;
/** Before one that has ended by itself begins again, milliseconds. */
const restartMs = 1_000;

/**
 * The operator as it is shipped, but in the process of the test, where a life costs a tenth of the time. It shares nothing with those before
 * and after it, and its only way to the API server is its proxy: with that cut off it is as dead to the cluster as a process that was killed.
 */
export class HostedOperator {
  readonly proxy: RecordingProxy;
  readonly #stop = new AbortController();
  readonly #lines: string[] = [];
  readonly #folder: string;
  #ended: Promise<number> = Promise.resolve(0);

  private constructor(proxy: RecordingProxy, folder: string) {
    this.proxy = proxy;
    this.#folder = folder;
  }

  /** Resolves when it has begun; it may not lead yet. `name` is the pod's. */
  static async start(cluster: TestCluster, identity: OperatorIdentity, name: string, options: Omit<RunningOperatorOptions, 'streamingLists'> = {}): Promise<HostedOperator> {
    const proxy = await RecordingProxy.listen(cluster.connection, { streamingLists: 'passed' });
    options.prepare?.(proxy);
    const hosted = new HostedOperator(proxy, await mkdtemp(join(tmpdir(), 'sluice-operator-')));
    const env = await operatorEnvironment({ server: proxy.url, identity, name, folder: hosted.#folder, shard: options.shard });
    hosted.#ended = hosted.#live(() => new Operator({ ...readConfig(env, { processIdentity: name }), port: 0 }, env, { logger: hosted.#logger() }));
    return hosted;
  }

  /** One that ends by itself, as it does when a busy machine lets its lease run out, is started again: as a kubelet does. */
  async #live(begin: () => Operator): Promise<number> {
    for (;;) {
      const code = await begin().run({ signal: this.#stop.signal });
      if (this.#stop.signal.aborted) return code;
      this.#lines.push(`warn it has ended with ${code} and begins again`);
      await wait(restartMs, undefined, { signal: this.#stop.signal }).catch(() => undefined);
      if (this.#stop.signal.aborted) return code;
    }
  }

  /** The last of what it has said. */
  get log(): string {
    return this.#lines.join('\n');
  }

  /** As a crash does: nothing that it is about to write arrives any more. */
  async kill(): Promise<void> {
    await this.proxy.close();
    this.#stop.abort(new Error('killed'));
    await this.#ended;
    await rm(this.#folder, { recursive: true, force: true });
  }

  #logger(): Logger {
    const note = (level: string) => (fields: object, message: string): void => {
      const { err } = fields as { readonly err?: unknown };
      this.#lines.push(`${level} ${message} ${err instanceof Error ? err.message : JSON.stringify(fields)}`);
      if (this.#lines.length > lastLines) this.#lines.shift();
    };
    return { debug: () => undefined, info: note('info'), warn: note('warn'), error: note('error') };
  }
}
