import { mkdtemp, rm } from 'node:fs/promises';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { shippedRuntime } from '../shipped-runtime.ts';
import { bytesKept } from './memory.ts';
import { HELP, parseOptions, type SoakOptions } from './options.ts';
import { runRequests } from './run-requests.ts';
import { runWaves } from './run-waves.ts';
import { judgeWaves } from './waves.ts';

/** Bytes that a request of the second half may leave behind: a kept object of a few hundred bytes each is found. */
const mostKept = 256;
const stop = new AbortController();
for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => stop.abort(new Error(`stopped by ${name}`)));
const say = (line: string): void => void process.stdout.write(`${line}\n`);

async function soak(options: Exclude<SoakOptions, { readonly kind: 'help' }>, program: readonly string[]): Promise<readonly string[]> {
  if (options.kind === 'streams') return judgeWaves(await runWaves({ ...options, program, say, signal: stop.signal }), options.clients);
  const { samples, answers } = await runRequests({ ...options, program, say, signal: stop.signal });
  for (const [name, count] of answers.counts) say(`${count} x ${name}`);
  const kept = bytesKept(samples);
  say(`a request of the second half left ${kept.toFixed(0)} bytes behind`);
  return [...answers.wrong, ...(kept > mostKept ? [`memory grew by ${kept.toFixed(0)} bytes a request; the bound is ${mostKept}`] : [])];
}

try {
  const options = parseOptions(process.argv.slice(2));
  if (options.kind === 'help') say(HELP);
  else {
    say(`Node ${process.version}, ${cpus().length} x ${cpus()[0]?.model ?? 'unknown'}, load ${loadavg().map((load) => load.toFixed(1)).join(', ')}`);
    const folder = await mkdtemp(join(tmpdir(), 'sluice-soak-program-'));
    const found = await soak(options, await shippedRuntime(folder));
    await rm(folder, { recursive: true, force: true });
    for (const each of found) say(each);
    say(found.length === 0 ? 'flat' : 'not flat');
    if (found.length > 0) process.exitCode = 1;
  }
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
