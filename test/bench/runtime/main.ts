import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { cpus, loadavg, release, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { systemClock } from '../../../hack/src/progress/clock.ts';
import { RECIPES } from '../../../hack/src/tools/recipes.ts';
import { startSimulatorProgram } from '../../runtime-proof/agent-program.ts';
import { shippedRuntime } from '../../runtime-proof/shipped-runtime.ts';
import type { Contender } from './contender.ts';
import { fastifyRoute } from './contenders/fastify.ts';
import { litellm } from './contenders/litellm.ts';
import { sluice } from './contenders/sluice.ts';
import { HELP, type Options, parseOptions } from './options.ts';
import { writeResults } from '../kube/document.ts';
import { providerDelay, providerScript } from './provider.ts';
import { renderReport } from './report.ts';
import { type Baseline, runBaseline, runContender, type RunFigures, type RunOptions } from './run.ts';

const DOCUMENT = fileURLToPath(new URL('../../../docs/benchmarks.md', import.meta.url));

const stop = new AbortController();
for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => stop.abort(new Error(`stopped by ${name}`)));
const say = (line: string): void => void process.stderr.write(`${line}\n`);

try {
  await main(parseOptions(process.argv.slice(2), DOCUMENT));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

async function describeEnvironment(): Promise<Readonly<Record<string, string>>> {
  const manifest = JSON.parse(await readFile(new URL('../../package.json', import.meta.url), 'utf8')) as { readonly dependencies: Readonly<Record<string, string>> };
  return {
    date: new Intl.DateTimeFormat('en-CA', { timeZone: 'UTC' }).format(systemClock.wallMs()),
    processor: `${cpus()[0]?.model ?? 'unknown'}, ${cpus().length} cores, shared by client, contender and provider`,
    memory: `${(totalmem() / 2 ** 30).toFixed(1)} GiB`,
    kernel: `${process.platform} ${release()}`,
    'load before (1, 5, 15 min)': loadavg().map((load) => load.toFixed(2)).join(', '),
    node: process.version,
    fastify: manifest.dependencies['fastify'] ?? 'unknown',
    LiteLLM: RECIPES.find(({ tool }) => tool === 'litellm')?.version ?? 'unknown',
    logs: 'errors alone, of each',
    provider: `the simulator of this repository, ${providerDelay} ms to its answer`,
  };
}

async function attempt(contender: Contender, baseline: Baseline, options: RunOptions): Promise<RunFigures | string> {
  try {
    return await runContender(contender, baseline, options);
  } catch (error) {
    stop.signal.throwIfAborted();
    if (options.signal.aborted) return 'the time of the benchmark was over';
    return error instanceof Error ? error.message : String(error);
  }
}

/** Undefined: the time was over. */
async function baselineInTime(options: RunOptions): Promise<Baseline | undefined> {
  try {
    return await runBaseline(options);
  } catch (error) {
    stop.signal.throwIfAborted();
    if (options.signal.aborted) return undefined;
    throw error;
  }
}

/** In turn, so that a machine whose speed drifts hits all alike; the provider is asked directly in every round. A round that would not end in time is not begun. */
async function runAll(chosen: readonly Contender[], { runs, endsAt }: { readonly runs: number; readonly endsAt: number }, options: RunOptions): Promise<Map<Contender, (RunFigures | string)[]>> {
  const found = new Map<Contender, (RunFigures | string)[]>(chosen.map((contender) => [contender, []]));
  let longest = 0;
  for (let round = 1; round <= runs; round += 1) {
    const begun = performance.now();
    if (begun + longest > endsAt) {
      say(`no time for round ${round} of ${runs}`);
      break;
    }
    say(`round ${round} of ${runs}: the provider alone`);
    const baseline = await baselineInTime(options);
    if (baseline === undefined) break;
    for (const contender of chosen) {
      say(`round ${round} of ${runs}: ${contender.name}`);
      const run = await attempt(contender, baseline, options);
      say(JSON.stringify(run));
      found.get(contender)?.push(run);
    }
    longest = Math.max(longest, performance.now() - begun);
  }
  return found;
}

/** Not measured: files are read and compiled once. One that cannot start now says so when it is measured. */
async function startOnce(contender: Contender, provider: string, signal: AbortSignal): Promise<void> {
  say(`a first start of ${contender.name}, which is not measured`);
  try {
    await (await contender.start(provider, signal)).stop();
  } catch (error) {
    stop.signal.throwIfAborted();
    say(error instanceof Error ? error.message : String(error));
  }
}

async function main(options: Options): Promise<void> {
  if (options.help === 'shown') return console.log(HELP);
  const milliseconds = options.minutes * 60_000;
  const endsAt = performance.now() + milliseconds;
  const signal = AbortSignal.any([stop.signal, AbortSignal.timeout(milliseconds)]);
  const bytecode = await mkdtemp(join(tmpdir(), 'sluice-bench-bytecode-'));
  const bundle = await mkdtemp(join(tmpdir(), 'sluice-bench-runtime-'));
  const simulator = await startSimulatorProgram(providerScript, stop.signal);
  try {
    const chosen = [sluice(await shippedRuntime(bundle)), fastifyRoute, litellm(bytecode, say)].filter(({ id }) => options.contenders.includes(id));
    const environment = await describeEnvironment();
    for (const contender of chosen) await startOnce(contender, simulator.url, signal);
    const runs = await runAll(chosen, { runs: options.runs, endsAt }, { ...options, provider: simulator.url, signal });
    const results = chosen.map((contender) => ({ contender, runs: runs.get(contender) ?? [] }));
    const report = renderReport({ environment, rates: options.rates, streams: options.streams, results });
    console.log(report);
    if (options.document !== undefined) await writeResults(options.document, report, 'bench:runtime');
    if (results.some((result) => result.runs.length < options.runs || result.runs.some((run) => typeof run === 'string'))) process.exitCode = 1;
  } finally {
    await simulator.stop();
    for (const folder of [bytecode, bundle]) await rm(folder, { recursive: true, force: true });
  }
}
