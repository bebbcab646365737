import { request } from 'undici';
import { readSettings } from '../config/environment.ts';
import type { Command } from './command.ts';

const timeoutMilliseconds = 2_000;
const everyAddress = new Set(['0.0.0.0', '::', '']);

/** Asks the server in this container whether it lives; for the HEALTHCHECK of the image, which has no curl. */
export const healthcheck: Command = async ({ environment, printError }) => {
  const { host, port } = readSettings(environment);
  const address = everyAddress.has(host) ? '127.0.0.1' : host;
  const url = `http://${address.includes(':') ? `[${address}]` : address}:${port}/healthz`;
  try {
    const response = await request(url, { signal: AbortSignal.timeout(timeoutMilliseconds) });
    await response.body.dump();
    if (response.statusCode === 200) return 0;
    printError(`GET ${url} answered ${response.statusCode}`);
  } catch (error) {
    printError(`GET ${url} failed: ${error instanceof Error ? error.message : 'unknown error'}`);
  }
  return 1;
};
