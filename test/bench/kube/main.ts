import { fileURLToPath } from 'node:url';
import { systemClock } from '../../../hack/src/progress/clock.ts';
import { createTerminalProgress } from '../../../hack/src/progress/terminal-progress.ts';
import { runBenchmark } from './benchmark.ts';
import { writeResults } from './document.ts';
import { measuresOf } from './measures.ts';
import { HELP, type Options, parseOptions } from './options.ts';
import { markdownReport, textReport } from './report.ts';
import { FULL, QUICK } from './scale.ts';

const DOCUMENT = fileURLToPath(new URL('../../../docs/benchmarks.md', import.meta.url));

const stop = new AbortController();
for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => stop.abort(new Error(`stopped by ${name}`)));

try {
  const ids = measuresOf(FULL).map(({ id }) => id);
  await main(parseOptions(process.argv.slice(2), ids, DOCUMENT));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

async function main({ help, scale, document, ...options }: Options): Promise<void> {
  if (help === 'shown') return console.log(HELP);
  const progress = createTerminalProgress({ stream: process.stderr, clock: systemClock });
  const report = await runBenchmark({ ...options, scale: scale === 'quick' ? QUICK : FULL, progress, clock: systemClock, signal: stop.signal });
  console.log(textReport(report));
  if (document !== undefined) await writeResults(document, markdownReport(report));
  const failed = report.results.some(({ rows }) => rows.some(({ failures }) => failures.length > 0));
  if (failed) process.exitCode = 1;
}
