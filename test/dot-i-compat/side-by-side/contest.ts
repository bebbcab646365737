import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { OperatorApi } from '../../../kube/src/operator-class/testing/operator-api.ts';

export type Side = 'package' | 'own';

export interface ProbeOptions {
  readonly behaviour?: 'note' | 'reject' | 'write' | 'block';
  readonly stopping?: 'on command' | 'between watches';
  readonly client?: 'own client' | 'newer client';
}

/** One of the two classes in a process of its own, on an API server of its own that does what a row of the comparison needs. */
export class Contest {
  readonly server: OperatorApi;
  /** What the process reported, line by line. */
  readonly lines: string[] = [];
  readonly #child: ChildProcess;
  readonly #folder: string;
  readonly #ended: Promise<number | null>;

  private constructor(server: OperatorApi, child: ChildProcess, folder: string) {
    this.server = server;
    this.#child = child;
    this.#folder = folder;
    if (child.stdout) createInterface({ input: child.stdout }).on('line', (line) => this.lines.push(line));
    this.#ended = once(child, 'exit').then(([code]) => code as number | null);
  }

  static async start(side: Side, options: ProbeOptions, prepare: (server: OperatorApi) => void = () => {}): Promise<Contest> {
    const server = await OperatorApi.start();
    // The package asks for a watch without a version, which a real API server answers with all that there is.
    server.fault = fromTheBeginning;
    prepare(server);
    const folder = await mkdtemp(join(tmpdir(), 'dot-i-'));
    await writeFile(join(folder, 'config'), kubeconfig(server.api.server.url));
    const { behaviour = 'note', stopping = 'on command', client = 'own client' } = options;
    const child = spawn(process.execPath, [join(import.meta.dirname, `${side}-process.ts`), behaviour, stopping, client], {
      env: { PATH: process.env['PATH'], HOME: folder, KUBECONFIG: join(folder, 'config'), NO_PROXY: '*' }, stdio: ['pipe', 'pipe', 'ignore'],
    });
    return new Contest(server, child, folder);
  }

  /** How many lines begin so. */
  count(beginning: string): number {
    return this.lines.filter((line) => line.startsWith(beginning)).length;
  }

  /** The exit code once the process has ended; undefined while it runs. */
  get exitCode(): number | undefined {
    return this.#child.exitCode ?? undefined;
  }

  /** Asks the process to call `stop`. */
  askToStop(): void {
    this.#child.stdin?.write('stop\n');
  }

  ended(): Promise<number | null> {
    return this.#ended;
  }

  async close(): Promise<void> {
    if (this.#child.exitCode === null) this.#child.kill('SIGKILL');
    await this.#ended;
    await this.server.api.close();
    await rm(this.#folder, { recursive: true });
  }
}

/** A fault that answers nothing, but makes a watch without a version begin with the first one. */
export const fromTheBeginning: OperatorApi['fault'] = (request) => {
  if (request.query.has('watch') && !request.query.has('resourceVersion')) request.query.set('resourceVersion', '100');
  return 'pass';
};

function kubeconfig(server: string): string {
  return JSON.stringify({
    apiVersion: 'v1', kind: 'Config', clusters: [{ name: 'c', cluster: { server, 'insecure-skip-tls-verify': true } }], users: [{ name: 'u', user: { token: 'of-a-test' } }],
    contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }], 'current-context': 'x',
  });
}
