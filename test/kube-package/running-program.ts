import { type ChildProcess, spawn } from 'node:child_process';

/** A user's program under plain `node`, with all that it printed. */
export class RunningProgram {
  readonly #child: ChildProcess;
  readonly #ended: Promise<number | string>;
  #output = '';

  constructor(file: string, env: Readonly<Record<string, string | undefined>>) {
    this.#child = spawn(process.execPath, [file], { env: { ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [this.#child.stdout, this.#child.stderr]) stream?.on('data', (text) => { this.#output += String(text); });
    this.#ended = new Promise((resolve, reject) => {
      this.#child.once('error', reject);
      this.#child.once('close', (code, signal) => resolve(code ?? signal ?? 'ended'));
    });
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  get output(): string {
    return this.#output;
  }

  /** Its exit code, or the signal that ended it. */
  ended(): Promise<number | string> {
    return this.#ended;
  }

  signal(name: 'SIGTERM' | 'SIGKILL'): void {
    this.#child.kill(name);
  }
}
