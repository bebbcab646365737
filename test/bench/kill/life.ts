import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { RecordingProxy } from '../../../operator/src/integration/recording-proxy.ts';
import { ChildProgram } from '../operator/child-program.ts';
import type { Contender, Program } from '../operator/contender.ts';
import { writeKubeconfig } from '../operator/controller-user.ts';
import type { ModuleOptions } from '../operator/go-modules.ts';
import type { SimulatedCluster } from '../operator/simulated-cluster.ts';
import { titleOf, type WriteCounter } from './counted-writes.ts';

export interface LifeOptions extends ModuleOptions {
  readonly cluster: SimulatedCluster;
  readonly contender: Contender;
  readonly program: Program;
  /** Of the controller's user. */
  readonly token: string;
  readonly namespace: string;
  readonly counter: WriteCounter;
}

const READY_TIMEOUT_MS = 120_000;
const REQUESTS_SHOWN = 8;
export const BY_ITSELF = 'by itself';

/** One process of a controller, with a proxy between it and the API server that takes its life at a write. */
export class Life {
  readonly #proxy: RecordingProxy;
  readonly #child: ChildProgram;
  readonly #readyUrl: string;

  private constructor(proxy: RecordingProxy, child: ChildProgram, readyUrl: string) {
    this.#proxy = proxy;
    this.#child = child;
    this.#readyUrl = readyUrl;
  }

  static async begin(options: LifeOptions): Promise<Life> {
    const { cluster, contender, program, token, namespace, counter } = options;
    const proxy = await RecordingProxy.listen(cluster.connection, { streamingLists: 'passed', authorization: `Bearer ${token}` });
    const folder = join(cluster.folder, namespace);
    await mkdir(folder, { recursive: true });
    const kubeconfig = join(folder, 'kubeconfig');
    await writeKubeconfig(kubeconfig, { server: proxy.url, authority: '', token, namespace });
    const { command, args, env, readyUrl } = await contender.launch(program, { kubeconfig, namespace, nodeFlags: [] });
    const child = new ChildProgram({ name: contender.id, command, args, env, log: join(folder, 'controller.log') });
    proxy.cutAtWrites((write) => {
      const fate = counter.fateOf(write);
      // Before anything else happens: it is not to notice that its connection ends.
      if (fate === 'before') process.kill(child.pid, 'SIGKILL');
      return fate;
    });
    return new Life(proxy, child, readyUrl);
  }

  /** Throws BenchError when it does not get ready. */
  async ready(options: ModuleOptions): Promise<void> {
    await this.#child.answers(this.#readyUrl, { ...options, timeoutMs: READY_TIMEOUT_MS });
  }

  /** The last lines that it has printed, and what it asked for last. */
  async tail(): Promise<string> {
    const asked = this.#proxy.requests.slice(-REQUESTS_SHOWN).map(({ verb, resource, name, code }) => `${verb} ${resource} ${name}: ${code}`);
    return [await this.#child.tail(), ...asked].join('\n');
  }

  /** Resolves when it is gone: to the write at which it was killed, or to 'by itself', as one ends that lost its lease. */
  async death(): Promise<string> {
    const cut = this.#proxy.cutWrite.then(titleOf);
    const killed = cut.then(async (title) => {
      await this.end();
      return title;
    });
    // What is killed as its last write comes is gone a moment before it is seen to be cut off.
    const gone = this.#child.ended.then(() => (this.#proxy.isCut ? killed : BY_ITSELF));
    return Promise.race([killed, gone]);
  }

  /** By SIGKILL, always. */
  async end(): Promise<void> {
    await this.#child.kill();
    await this.#proxy.close();
  }
}
