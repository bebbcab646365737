import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { within } from '../within.ts';
import { replicaEnvironment, type ReplicaEvent, type ReplicaSettings } from './replica-settings.ts';

const PROGRAM = fileURLToPath(new URL('../replica.ts', import.meta.url));

/** A replica in a process of its own, to be paused and killed. */
export class ReplicaProcess {
  readonly identity: string;
  readonly events: ReplicaEvent['event'][] = [];
  readonly #child: ChildProcess;
  readonly #exit: Promise<number | NodeJS.Signals | null>;
  #errors = '';

  constructor(settings: ReplicaSettings, kubeconfig: string) {
    this.identity = settings.identity;
    const env = { PATH: process.env['PATH'], KUBECONFIG: kubeconfig, ...replicaEnvironment(settings) };
    this.#child = spawn(process.execPath, [PROGRAM], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    this.#exit = once(this.#child, 'exit').then(([code, signal]) => (signal ?? code) as number | NodeJS.Signals | null);
    if (this.#child.stdout) createInterface(this.#child.stdout).on('line', (line) => this.events.push((JSON.parse(line) as ReplicaEvent).event));
    this.#child.stderr?.on('data', (text) => { this.#errors = `${this.#errors}${String(text)}`.slice(-2_000); });
  }

  /** What it wrote to its error output, for the message of a failed test. */
  get errors(): string {
    return this.#errors;
  }

  signal(signal: 'SIGSTOP' | 'SIGCONT' | 'SIGTERM' | 'SIGKILL'): void {
    this.#child.kill(signal);
  }

  async said(event: ReplicaEvent['event'], ms: number): Promise<void> {
    await within(ms, `${this.identity} says '${event}'`, () => this.events.includes(event), () => `it said: ${this.events.join(', ') || 'nothing'} ${this.#errors}`);
  }

  /** Exit code, or the signal that ended it. */
  ended(): Promise<number | NodeJS.Signals | null> {
    return this.#exit;
  }

  /** Ends it, paused or not. */
  async close(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#exit;
  }
}
