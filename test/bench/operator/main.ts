import { systemClock } from '../../../hack/src/progress/clock.ts';
import { createTerminalProgress } from '../../../hack/src/progress/terminal-progress.ts';
import type { Contender } from './contender.ts';
import { argo, argoRaised } from './contenders/argo-rollouts.ts';
import { sluice } from './contenders/sluice.ts';
import { describeEnvironment } from './environment.ts';
import { contendersFor, HELP, type Options, parseOptions } from './options.ts';
import { renderReport, type Result } from './report.ts';
import { runContender, type RunFigures, type RunOptions } from './run.ts';

const contenders = [sluice, argo, argoRaised];
const stop = new AbortController();
for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => stop.abort(new Error(`stopped by ${name}`)));

try {
  await main(parseOptions(process.argv.slice(2)));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

async function main(options: Options): Promise<void> {
  if (options.help === 'shown') return console.log(HELP);
  const progress = createTerminalProgress({ stream: process.stderr, clock: systemClock });
  const shared = { ...options, progress, clock: systemClock, signal: stop.signal };
  const environment = await describeEnvironment(shared);
  const results: Result[] = [];
  for (const agents of options.agents) results.push(...(await runSize({ ...shared, agents })));
  console.log(renderReport({ environment, results }));
  if (results.some(({ runs }) => runs.some((run) => typeof run === 'string'))) process.exitCode = 1;
}

/** In turn, so that a machine whose speed drifts hits all alike. */
async function runSize(options: Omit<Options, 'agents'> & RunOptions): Promise<readonly Result[]> {
  const ids = contendersFor(options.agents, options.contenders);
  const chosen = contenders.filter(({ id }) => ids.includes(id));
  const runs = new Map<Contender, (RunFigures | string)[]>(chosen.map((contender) => [contender, []]));
  for (let round = 0; round < options.runs; round += 1) {
    for (const contender of chosen) runs.get(contender)?.push(await attempt(contender, options));
  }
  return chosen.map((contender) => ({ contender, agents: options.agents, runs: runs.get(contender) ?? [] }));
}

async function attempt(contender: Contender, options: RunOptions): Promise<RunFigures | string> {
  try {
    return await runContender(contender, options);
  } catch (error) {
    options.signal.throwIfAborted();
    return error instanceof Error ? error.message : String(error);
  }
}
