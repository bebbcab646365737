import { rm } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import { type ProcessIdentity, signalProcess } from '../process/identity.ts';

/**
 * A process that outlives its parent by a moment: told on standard input which processes the parent has started (a JSON identity a
 * line), it kills them and removes the folder once that input ends, however the parent died.
 */
export async function guard(folder: string, lines: AsyncIterable<string>): Promise<void> {
  const started: ProcessIdentity[] = [];
  for await (const line of lines) {
    const identity = parseIdentity(line);
    if (identity !== undefined) started.push(identity);
  }
  await Promise.all(started.map((identity) => signalProcess(identity, 'SIGKILL')));
  await rm(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
}

function parseIdentity(line: string): ProcessIdentity | undefined {
  const value: unknown = JSON.parse(line);
  const whole = typeof value === 'object' && value !== null && 'pid' in value && typeof value.pid === 'number' && 'start' in value && typeof value.start === 'string';
  return whole ? (value as ProcessIdentity) : undefined;
}

const [, entry, folder] = process.argv;
if (entry !== undefined && folder !== undefined && import.meta.url === pathToFileURL(entry).href) {
  // A terminal's Ctrl-C reaches the whole group: the end of the input is what counts.
  process.on('SIGINT', () => undefined);
  process.on('SIGTERM', () => undefined);
  await guard(folder, createInterface({ input: process.stdin }));
}
