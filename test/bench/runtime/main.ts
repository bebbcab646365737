import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { cpus, loadavg, release, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../../hack/src/progress/clock.ts';
import { RECIPES } from '../../../hack/src/tools/recipes.ts';
import { startSimulatorProgram } from '../../runtime-proof/agent-program.ts';
import { shippedRuntime } from '../../runtime-proof/shipped-runtime.ts';
import type { Contender } from './contender.ts';
import { fastifyRoute } from './contenders/fastify.ts';
import { litellm } from './contenders/litellm.ts';
import { sluice } from './contenders/sluice.ts';
import { HELP, type Options, parseOptions } from './options.ts';
import { providerDelay, providerScript } from './provider.ts';
import { renderReport } from './report.ts';
import { type Baseline, runBaseline, runContender, type RunFigures, type RunOptions } from './run.ts';

const stop = new AbortController();
for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => stop.abort(new Error(`stopped by ${name}`)));
const say = (line: string): void => void process.stderr.write(`${line}\n`);

try {
  await main(parseOptions(process.argv.slice(2)));
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
    provider: `the simulator of this repository, ${providerDelay} ms to its answer`,
  };
}

async function attempt(contender: Contender, baseline: Baseline, options: RunOptions): Promise<RunFigures | string> {
  try {
    return await runContender(contender, baseline, options);
  } catch (error) {
    options.signal.throwIfAborted();
    return error instanceof Error ? error.message : String(error);
  }
}

/** In turn, so that a machine whose speed drifts hits all alike; the provider is asked directly in every round. */
async function runAll(chosen: readonly Contender[], runs: number, options: RunOptions): Promise<Map<Contender, (RunFigures | string)[]>> {
  const found = new Map<Contender, (RunFigures | string)[]>(chosen.map((contender) => [contender, []]));
  for (let round = 1; round <= runs; round += 1) {
    say(`round ${round} of ${runs}: the provider alone`);
    const baseline = await runBaseline(options);
    for (const contender of chosen) {
      say(`round ${round} of ${runs}: ${contender.name}`);
      const run = await attempt(contender, baseline, options);
      say(JSON.stringify(run));
      found.get(contender)?.push(run);
    }
  }
  return found;
}

async function main(options: Options): Promise<void> {
  if (options.help === 'shown') return console.log(HELP);
  const bytecode = await mkdtemp(join(tmpdir(), 'sluice-bench-bytecode-'));
  const bundle = await mkdtemp(join(tmpdir(), 'sluice-bench-runtime-'));
  const simulator = await startSimulatorProgram(providerScript, stop.signal);
  try {
    const chosen = [sluice(await shippedRuntime(bundle)), fastifyRoute, litellm(bytecode)].filter(({ id }) => options.contenders.includes(id));
    const environment = await describeEnvironment();
    const shared = { ...options, provider: simulator.url, signal: stop.signal };
    say('a first start of each, which is not measured: files are read and compiled once');
    for (const contender of chosen) await (await contender.start(simulator.url, stop.signal)).stop();
    const runs = await runAll(chosen, options.runs, shared);
    const results = chosen.map((contender) => ({ contender, runs: runs.get(contender) ?? [] }));
    console.log(renderReport({ environment, rates: options.rates, streams: options.streams, results }));
    if (results.some((result) => result.runs.some((run) => typeof run === 'string'))) process.exitCode = 1;
  } finally {
    await simulator.stop();
    for (const folder of [bytecode, bundle]) await rm(folder, { recursive: true, force: true });
  }
}
