import { mkdtemp, rm } from 'node:fs/promises';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { shippedRuntime } from '../shipped-runtime.ts';
import { judgeMemory as judgeGrown, judgeRequests } from './judge-requests.ts';
import type { Flatness } from './memory.ts';
import { HELP, parseOptions, type SoakOptions } from './options.ts';
import { runRequests } from './run-requests.ts';
import { runWaves } from './run-waves.ts';
import type { SoakStore } from './soak-agent.ts';
import { stallsTold } from './stalls.ts';
import { judgeClients, judgeMemory } from './waves.ts';

const stop = new AbortController();
for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => stop.abort(new Error(`stopped by ${name}`)));
const say = (line: string): void => void process.stdout.write(`${line}\n`);

/** What was asked of the server is told apart: one that answers all may keep memory, and one that keeps none may lose requests. */
interface Findings {
  readonly memory: Flatness;
  readonly told: readonly string[];
  /** What else was wrong. */
  readonly wrong: readonly string[];
  readonly failed: number;
  readonly of: string;
  readonly stalls: string;
}

type Streams = Extract<SoakOptions, { readonly kind: 'streams' }>;
type Requests = Extract<SoakOptions, { readonly kind: 'requests' }>;

async function soakStreams(options: Streams, program: readonly string[]): Promise<Findings> {
  const waves = await runWaves({ ...options, program, say, signal: stop.signal });
  const [grown, lost] = [judgeMemory(waves), judgeClients(waves, options.clients)];
  const stallMs = Math.max(...waves.flatMap(({ stalls }) => Object.values(stalls)));
  return { memory: grown.length === 0 ? 'flat' : 'not flat', told: [...grown, ...lost], wrong: [], failed: waves.reduce((sum, { open }) => sum + options.clients - open, 0), of: `${options.clients * waves.length} streams`, stalls: `${stallMs.toFixed(0)} ms at most` };
}

async function soakRequests(options: Requests, store: SoakStore, program: readonly string[]): Promise<Findings> {
  say(`the store in ${store === 'file' ? 'a file' : 'memory'}, of ${options.mebibytes} MiB`);
  const outcome = await runRequests({ ...options, store, program, say, signal: stop.signal });
  const { answers, watched, writes, twice } = outcome;
  for (const [name, count] of [...answers.counts].toSorted(([left], [right]) => left.localeCompare(right))) say(`${count} x ${name}`);
  const { lowest, highest, adaptations } = watched.precision;
  const { memory, told } = judgeGrown(watched.samples);
  const seen = [
    `precision of execution from ${lowest.toFixed(2)} to ${highest.toFixed(2)}, ${adaptations} changes of ways`,
    `store: ${(watched.highestFill * 100).toFixed(0)} % of its room at most, ${watched.shed} things went before their time`,
    `writes: ${writes}, of which ${twice.length} were made more than once`,
  ];
  return { memory, told: [...seen, ...told, ...answers.wrong], wrong: judgeRequests(outcome), failed: answers.failed, of: `${answers.asked} requests`, stalls: stallsTold(watched.stalls) };
}

function tell({ memory, told, wrong, failed, of, stalls }: Findings): void {
  for (const each of [...told, ...wrong]) say(each);
  say(`memory: ${memory}`);
  say(`answers: ${failed} of ${of} failed`);
  say(`event loop: stood still for ${stalls}`);
  if (memory !== 'flat' || failed > 0 || wrong.length > 0) process.exitCode = 1;
}

try {
  const options = parseOptions(process.argv.slice(2));
  if (options.kind === 'help') say(HELP);
  else {
    say(`Node ${process.version}, ${cpus().length} x ${cpus()[0]?.model ?? 'unknown'}, load ${loadavg().map((load) => load.toFixed(1)).join(', ')}`);
    const folder = await mkdtemp(join(tmpdir(), 'sluice-soak-program-'));
    const program = await shippedRuntime(folder);
    if (options.kind === 'streams') tell(await soakStreams(options, program));
    else for (const store of options.stores) tell(await soakRequests(options, store, program));
    await rm(folder, { recursive: true, force: true });
  }
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
