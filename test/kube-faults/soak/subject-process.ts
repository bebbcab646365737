import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { SubjectAnswer } from './subject-protocol.ts';

const PROGRAM = fileURLToPath(new URL('./subject.ts', import.meta.url));
const ANSWER_MS = 30_000;

/** The process under test, seen from outside. */
export class SubjectProcess {
  readonly #child: ChildProcess;
  readonly #exit: Promise<unknown>;
  readonly #waiting: ((answer: SubjectAnswer) => void)[] = [];
  #errors = '';
  #ended = false;

  constructor(kubeconfig: string) {
    this.#child = spawn(process.execPath, [PROGRAM], { env: { PATH: process.env['PATH'], KUBECONFIG: kubeconfig }, stdio: ['pipe', 'pipe', 'pipe'] });
    this.#exit = once(this.#child, 'exit').then(([code, signal]) => {
      this.#ended = true;
      return (code ?? signal) as unknown;
    });
    if (this.#child.stdout) createInterface(this.#child.stdout).on('line', (line) => this.#waiting.shift()?.(JSON.parse(line) as SubjectAnswer));
    this.#child.stderr?.on('data', (text) => { this.#errors = `${this.#errors}${String(text)}`.slice(-4_000); });
    this.#child.stdin?.on('error', () => {});
  }

  /** Throws when the process has ended, or says nothing for half a minute. */
  async ask<S extends SubjectAnswer['say']>(say: S): Promise<Extract<SubjectAnswer, { say: S }>> {
    if (this.#ended) throw new Error(`the process under test ended by itself (${String(await this.#exit)}): ${this.#errors}`);
    const answer = new Promise<SubjectAnswer>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`the process under test gave no answer to '${say}' within ${ANSWER_MS} ms: ${this.#errors}`)), ANSWER_MS);
      this.#waiting.push((given) => {
        clearTimeout(timer);
        resolve(given);
      });
    });
    this.#child.stdin?.write(`${say}\n`);
    return (await answer) as Extract<SubjectAnswer, { say: S }>;
  }

  /** Asks it to stop; resolves with its exit code, or the signal when it had to be killed. */
  async stop(): Promise<unknown> {
    this.#child.stdin?.write('stop\n');
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), ANSWER_MS);
    const code = await this.#exit;
    clearTimeout(timer);
    return code;
  }

  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#exit;
  }
}
