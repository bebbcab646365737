import { readFile } from 'node:fs/promises';
import { seededRandom } from '../provider-simulator/seeded-random.ts';
import { parseArguments, USAGE, type LoadArguments } from './arguments.ts';
import { builtInMix } from './built-in-mix.ts';
import { systemClock } from './clock.ts';
import { createInvoke } from './invoke.ts';
import { runLoad } from './load-run.ts';
import { parseMix, type Mix } from './mix.ts';
import { newRunId } from './random-source.ts';
import { formatReport } from './report.ts';

try {
  const argv = process.argv.slice(2);
  if (argv.includes('--help')) console.log(USAGE);
  else await main(parseArguments(argv));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

async function main(options: LoadArguments): Promise<void> {
  const stop = new AbortController();
  process.once('SIGTERM', () => stop.abort());
  process.once('SIGINT', () => stop.abort());
  const mix = await readMix(options);
  await runLoad(
    { ...options, mix, runId: newRunId() },
    {
      invoke: createInvoke(options),
      clock: systemClock,
      random: seededRandom(options.seed),
      emit: (report) => console.log(formatReport(report)),
      signal: stop.signal,
    },
  );
}

async function readMix({ mixFile, streamShare }: LoadArguments): Promise<Mix> {
  const mix = mixFile === undefined ? builtInMix : parseMix(await readFile(mixFile, 'utf8'), `--mix ${mixFile}`);
  return streamShare === undefined ? mix : { ...mix, streamShare };
}
