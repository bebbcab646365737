import { mkdtemp, rm } from 'node:fs/promises';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { shippedRuntime } from '../shipped-runtime.ts';
import { type Flatness, growthOf, judgeGrowth } from './memory.ts';
import { HELP, parseOptions, type SoakOptions } from './options.ts';
import { runRequests } from './run-requests.ts';
import { runWaves } from './run-waves.ts';
import { judgeClients, judgeMemory } from './waves.ts';

/** Bytes that a request of the second half may leave behind: a kept object of a few hundred bytes each is found. */
const mostKept = 256;
const stop = new AbortController();
for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => stop.abort(new Error(`stopped by ${name}`)));
const say = (line: string): void => void process.stdout.write(`${line}\n`);

/** What was asked of the server is told apart: one that answers all may keep memory, and one that keeps none may lose requests. */
interface Findings {
  readonly memory: Flatness;
  readonly told: readonly string[];
  readonly failed: number;
  readonly of: string;
  readonly stallMs: number;
}

async function soak(options: Exclude<SoakOptions, { readonly kind: 'help' }>, program: readonly string[]): Promise<Findings> {
  if (options.kind === 'streams') {
    const waves = await runWaves({ ...options, program, say, signal: stop.signal });
    const [grown, lost] = [judgeMemory(waves), judgeClients(waves, options.clients)];
    const stallMs = Math.max(...waves.flatMap(({ stalls }) => Object.values(stalls)));
    return { memory: grown.length === 0 ? 'flat' : 'not flat', told: [...grown, ...lost], failed: waves.reduce((sum, { open }) => sum + options.clients - open, 0), of: `${options.clients * waves.length} streams`, stallMs };
  }
  const { samples, answers } = await runRequests({ ...options, program, say, signal: stop.signal });
  for (const [name, count] of answers.counts) say(`${count} x ${name}`);
  const growth = growthOf(samples);
  const told = `a request of the second half left ${growth.bytes.toFixed(0)} ± ${growth.error.toFixed(0)} bytes behind; the bound is ${mostKept}`;
  return { memory: judgeGrowth(growth, mostKept), told: [told, ...answers.wrong], failed: answers.failed, of: `${answers.asked} requests`, stallMs: answers.stallMs };
}

try {
  const options = parseOptions(process.argv.slice(2));
  if (options.kind === 'help') say(HELP);
  else {
    say(`Node ${process.version}, ${cpus().length} x ${cpus()[0]?.model ?? 'unknown'}, load ${loadavg().map((load) => load.toFixed(1)).join(', ')}`);
    const folder = await mkdtemp(join(tmpdir(), 'sluice-soak-program-'));
    const { memory, told, failed, of, stallMs } = await soak(options, await shippedRuntime(folder));
    await rm(folder, { recursive: true, force: true });
    for (const each of told) say(each);
    say(`memory: ${memory}`);
    say(`answers: ${failed} of ${of} failed`);
    say(`event loop: stood still for ${stallMs.toFixed(0)} ms at most`);
    if (memory !== 'flat' || failed > 0) process.exitCode = 1;
  }
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
