import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { systemClock } from '../progress/clock.ts';
import { createTerminalProgress } from '../progress/terminal-progress.ts';
import { withCommandLock } from '../up/command-lock.ts';
import { INTERRUPTED, stopOnSignals } from '../up/stop-signal.ts';
import { UpError } from '../up/up-error.ts';
import { down } from './down.ts';
import { removeInstallTraces } from './install-traces.ts';
import { DOWN_HELP, parseDownOptions } from './options.ts';

const USAGE_EXIT_CODE = 2;
const CLONE = fileURLToPath(new URL('../../..', import.meta.url)).replace(/\/$/, '');

async function main(args: readonly string[]): Promise<number> {
  const command = parse(args);
  if (command === undefined) return USAGE_EXIT_CODE;
  if (command.verb === 'help') {
    console.log(DOWN_HELP);
    return 0;
  }
  const signal = stopOnSignals();
  try {
    const progress = createTerminalProgress({ stream: process.stderr, clock: systemClock });
    const say = (sentence: string): void => console.error(sentence);
    const outcome = await withCommandLock({ ...command.options, clock: systemClock, signal, say }, async () => down({ ...command.options, progress, signal }));
    await removeInstallTraces(join(CLONE, '.cluster'));
    console.error(outcome === 'removed' ? 'All that ./hack/up made is removed; tools and images stay in the cache.' : `There is nothing to remove: no cluster "${command.options.name}".`);
    return 0;
  } catch (error) {
    console.error(`\n./hack/down could not go on: ${error instanceof Error ? error.message : String(error)}`);
    return signal.aborted ? INTERRUPTED : 1;
  }
}

function parse(args: readonly string[]): ReturnType<typeof parseDownOptions> | undefined {
  try {
    return parseDownOptions(args, CLONE);
  } catch (error) {
    if (!(error instanceof UpError)) throw error;
    console.error(error.message);
    return undefined;
  }
}

process.exitCode = await main(process.argv.slice(2));
