import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';

/** As in the configuration, which a health check must not refuse to be asked without. */
const DEFAULT_PORT = '8081';
const TIMEOUT_MS = 2_000;

/** Asks the operator of this container whether it is alive. Resolves to the exit code: 0 or 1. */
export async function healthcheck(env: Readonly<Record<string, string | undefined>>, write: (text: string) => void): Promise<0 | 1> {
  const url = `http://127.0.0.1:${env['SLUICE_PORT'] ?? DEFAULT_PORT}/healthz`;
  try {
    const [response] = (await once(get(url, { agent: false, signal: AbortSignal.timeout(TIMEOUT_MS) }), 'response')) as [IncomingMessage];
    const { statusCode } = response.resume();
    if (statusCode === 200) return 0;
    write(`${url} answers ${statusCode}\n`);
  } catch (error) {
    write(`${url} does not answer: ${error instanceof Error ? error.message : String(error)}\n`);
  }
  return 1;
}

if (import.meta.main) process.exitCode = await healthcheck(process.env, (text) => process.stderr.write(text));
