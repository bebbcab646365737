import { spawn } from 'node:child_process';

/** kubectl said no; the message holds its own words. */
export class KubectlError extends Error {
  override readonly name = 'KubectlError';
}

export interface KubectlCall {
  readonly signal: AbortSignal;
  /** Written to standard input. */
  readonly input?: string;
  /** Milliseconds; default 30 000. */
  readonly timeoutMs?: number;
}

/** Runs kubectl as a user would. Resolves with its standard output; throws KubectlError. */
export type Kubectl = (args: readonly string[], call: KubectlCall) => Promise<string>;

export function kubectlAt(program: string, kubeconfig: string): Kubectl {
  return (args, { signal, input, timeoutMs = 30_000 }) =>
    new Promise((resolve, reject) => {
      const limit = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
      const child = spawn(program, [`--kubeconfig=${kubeconfig}`, `--request-timeout=${Math.ceil(timeoutMs / 1000)}s`, ...args], { signal: limit, stdio: ['pipe', 'pipe', 'pipe'] });
      const output = { stdout: '', stderr: '' };
      for (const stream of ['stdout', 'stderr'] as const) child[stream].setEncoding('utf8').on('data', (text: string) => { output[stream] += text; });
      child.once('error', (cause) => reject(new KubectlError(`kubectl ${args.join(' ')}: ${cause.message}`, { cause })));
      child.once('close', (code) => {
        if (code === 0) resolve(output.stdout);
        else reject(new KubectlError(`kubectl ${args.join(' ')} ended with ${code}: ${output.stderr.trim()}`));
      });
      // A kubectl that ends without reading its input breaks the pipe: its exit code tells what matters.
      child.stdin.on('error', () => undefined);
      child.stdin.end(input ?? '');
    });
}
