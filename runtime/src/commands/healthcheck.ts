import { get } from 'node:http';
import { readSettings } from '../config/environment.ts';
import type { Command } from './command.ts';

const timeoutMilliseconds = 2_000;
const everyAddress = new Set(['0.0.0.0', '::', '']);

/** The status of the answer. Rejects when there is none in time. */
async function statusOf(url: string): Promise<number | undefined> {
  return await new Promise((resolve, reject) => {
    const asked = get(url, { agent: false, signal: AbortSignal.timeout(timeoutMilliseconds) }, (response) => {
      response.once('error', reject).once('end', () => resolve(response.statusCode)).resume();
    });
    asked.once('error', reject);
  });
}

/** Asks the server in this container whether it lives; for the HEALTHCHECK of the image, which has no curl. By node:http, which loads faster than a client. */
export const healthcheck: Command = async ({ environment, printError }) => {
  const { host, port } = readSettings(environment);
  const address = everyAddress.has(host) ? '127.0.0.1' : host;
  const url = `http://${address.includes(':') ? `[${address}]` : address}:${port}/healthz`;
  try {
    const status = await statusOf(url);
    if (status === 200) return 0;
    printError(`GET ${url} answered ${status}`);
  } catch (error) {
    printError(`GET ${url} failed: ${error instanceof Error ? error.message : 'unknown error'}`);
  }
  return 1;
};
