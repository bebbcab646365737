import { readFile } from 'node:fs/promises';
import { request } from 'node:https';
import { join } from 'node:path';

export interface ApiProbe {
  readonly host: string;
  readonly port: number;
  readonly pki: string;
}

export interface ApiAnswer {
  readonly status: number;
  readonly body: string;
}

const REQUEST_TIMEOUT_MS = 5_000;

/** GET as the administrator, on a connection of its own. Rejects when no answer comes within 5 s. */
export async function getFromApi(probe: ApiProbe, path: string, signal: AbortSignal): Promise<ApiAnswer> {
  const read = (name: string): Promise<Buffer> => readFile(join(probe.pki, name));
  const [ca, cert, key] = await Promise.all([read('ca.crt'), read('admin.crt'), read('admin.key')]);
  return new Promise((resolve, reject) => {
    const call = request(
      { host: probe.host, port: probe.port, path, ca, cert, key, agent: false, signal: AbortSignal.any([signal, AbortSignal.timeout(REQUEST_TIMEOUT_MS)]) },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString('utf8') }));
      },
    );
    call.on('error', reject);
    call.end();
  });
}

/** Undefined when the path answers 200 and `accept` finds nothing amiss in the body; else why not. */
export async function whyNotServed(
  probe: ApiProbe,
  path: string,
  signal: AbortSignal,
  accept: (body: string) => string | undefined = () => undefined,
): Promise<string | undefined> {
  try {
    const answer = await getFromApi(probe, path, signal);
    return answer.status === 200 ? accept(answer.body) : `${path} answers ${answer.status}`;
  } catch (error) {
    signal.throwIfAborted();
    return `no answer from https://${probe.host}:${probe.port} (${error instanceof Error ? error.message : String(error)})`;
  }
}
