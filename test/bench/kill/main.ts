import { systemClock } from '../../../hack/src/progress/clock.ts';
import { createTerminalProgress } from '../../../hack/src/progress/terminal-progress.ts';
import { makeControllerAccount } from '../operator/controller-user.ts';
import { describeEnvironment } from '../operator/environment.ts';
import type { ModuleOptions } from '../operator/go-modules.ts';
import { startSimulatedCluster } from '../operator/simulated-cluster.ts';
import { type Entry, runEntry } from './bench.ts';
import { Lanes } from './lanes.ts';
import { HELP, type Options, parseOptions } from './options.ts';
import { renderReport } from './report.ts';
import type { StoryResult } from './result.ts';
import { readResults, writeResults } from './results-file.ts';
import { NEVER_READY } from './story.ts';
import { argoSubject } from './subjects/argo-rollouts.ts';
import { sluiceSubject } from './subjects/sluice.ts';

/** Every controller of every lane ends with this process. */
const MOST_CHILDREN = 100;

const subjects = { sluice: sluiceSubject, argo: argoSubject };
const stop = new AbortController();
for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => stop.abort(new Error(`stopped by ${name}`)));
process.setMaxListeners(MOST_CHILDREN);

try {
  await main(parseOptions(process.argv.slice(2)));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

async function main(options: Options): Promise<void> {
  if (options.help === 'shown') return console.log(HELP);
  const call: ModuleOptions = { progress: createTerminalProgress({ stream: process.stderr, clock: systemClock }), clock: systemClock, signal: stop.signal };
  const environment = await describeEnvironment(call);
  const before = options.results === undefined ? [] : await readResults(options.results);
  const found: StoryResult[] = [];
  await measure(options, call, async (result) => {
    found.push(result);
    if (options.results !== undefined) await writeResults(options.results, [...before, ...found]);
  });
  console.log(renderReport({ environment, results: [...before, ...found] }));
  if (found.some(({ failures }) => failures.length > 0)) process.exitCode = 1;
}

/** All contenders and stories at once, as far as there are lanes: on one cluster, so that what slows it hits all alike. Each is told as soon as it is through. */
async function measure(options: Options, call: ModuleOptions, tell: (result: StoryResult) => Promise<void>): Promise<void> {
  const endMs = call.clock.monotonicMs() + options.minutes * 60_000;
  const cluster = await startSimulatedCluster({ ...call, neverReady: NEVER_READY });
  try {
    const token = await makeControllerAccount(cluster.admin, call);
    const lanes = new Lanes(options.lanes);
    const entries: Entry[] = [];
    for (const id of options.contenders) {
      const subject = subjects[id];
      await subject.contender.install(cluster, call);
      const program = await subject.contender.build(cluster.folder, call);
      entries.push(...options.stories.map((story) => ({ subject, program, story })));
    }
    let told = Promise.resolve();
    // One after the other: all are told into one file.
    const through = async (result: StoryResult): Promise<void> => (told = told.then(() => tell(result)));
    await Promise.all(entries.map(async (entry) => through(await runEntry({ ...call, cluster, token, lanes, places: options.places, endMs }, entry))));
  } finally {
    await cluster.stop();
  }
}
