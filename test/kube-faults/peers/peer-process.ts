import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { PeerAnswer, PeerView } from './peer-program.ts';

export const peers = ['sluice', 'client-node', 'dot-i'] as const;
export type Peer = (typeof peers)[number];

const ANSWER_MS = 5_000;

/** A peer in a process of its own: it may end itself without ending anybody else. */
export class PeerProcess {
  readonly #child: ChildProcess;
  readonly #exit: Promise<string>;
  #waiting: ((answer: PeerAnswer | undefined) => void) | undefined;
  /** How it ended; undefined while it runs. */
  exited: string | undefined;

  constructor(peer: Peer, options: { readonly kubeconfig: string; readonly namespace: string }) {
    const env = { PATH: process.env['PATH'], KUBECONFIG: options.kubeconfig, PEER_NAMESPACE: options.namespace };
    this.#child = spawn(process.execPath, [fileURLToPath(new URL(`./${peer}.ts`, import.meta.url))], { env, stdio: ['pipe', 'pipe', 'pipe'] });
    let errors = '';
    this.#child.stderr?.on('data', (text) => { errors = `${errors}${String(text)}`.slice(-4_000); });
    this.#child.stdin?.on('error', () => {});
    if (this.#child.stdout) createInterface(this.#child.stdout).on('line', (line) => this.#answered(JSON.parse(line) as PeerAnswer));
    this.#exit = once(this.#child, 'exit').then(([code, signal]) => {
      const why = /^\w*Error\b.*$/m.exec(errors)?.[0];
      this.exited = `${signal ?? `code ${code}`}${why === undefined ? '' : ` (${why.slice(0, 90)})`}`;
      this.#answered(undefined);
      return this.exited;
    });
  }

  /** What it knows; undefined when it has ended. */
  async view(): Promise<PeerView | undefined> {
    const answer = await this.#ask('view');
    return answer?.say === 'view' ? answer.view : undefined;
  }

  /** Tells it to stop watching; it goes on running. */
  async stop(): Promise<void> {
    await this.#ask('stop');
  }

  async close(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#exit;
  }

  #ask(what: 'view' | 'stop'): Promise<PeerAnswer | undefined> {
    if (this.exited !== undefined) return Promise.resolve(undefined);
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.#answered(undefined), ANSWER_MS);
      this.#waiting = (answer) => {
        clearTimeout(timer);
        resolve(answer);
      };
      this.#child.stdin?.write(`${what}\n`);
    });
  }

  #answered(answer: PeerAnswer | undefined): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.(answer);
  }
}
