import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { refuseForeignFolder } from '../cluster/state-folder.ts';
import { systemClock } from '../progress/clock.ts';
import { createTerminalProgress } from '../progress/terminal-progress.ts';
import { withCommandLock } from './command-lock.ts';
import { downCommand } from './down-command.ts';
import { stateFolderOf } from './environment.ts';
import { UP_HELP } from './help.ts';
import { openRunLog } from './log.ts';
import { parseUpOptions, type UpOptions } from './options.ts';
import { INTERRUPTED, stopOnSignals } from './stop-signal.ts';
import { up } from './up.ts';
import { UpError } from './up-error.ts';
import { SECONDS_BEFORE } from './waited.ts';

const USAGE_EXIT_CODE = 2;
const CLONE = fileURLToPath(new URL('../../..', import.meta.url)).replace(/\/$/, '');

async function run(options: UpOptions): Promise<number> {
  const signal = stopOnSignals();
  const say = (sentence: string): void => console.error(sentence);
  try {
    return await withCommandLock({ ...options, clock: systemClock, signal, say }, async () => {
      await refuseForeignFolder(stateFolderOf(options.stateRoot, options.name));
      return logged(options, signal);
    });
  } catch (error) {
    console.error(`\n./hack/up could not begin: ${error instanceof Error ? error.message : String(error)}`);
    return signal.aborted ? INTERRUPTED : 1;
  }
}

/** The log is begun anew only once no other run writes it. */
async function logged(options: UpOptions, signal: AbortSignal): Promise<number> {
  const terminal = process.stderr;
  const log = await openRunLog(join(options.stateRoot, `${options.name}.log`), createTerminalProgress({ stream: terminal, clock: systemClock }), systemClock);
  try {
    return await up({ repository: CLONE, options, log, clock: systemClock, signal, terminal, secondsBefore: process.env[SECONDS_BEFORE] });
  } catch (error) {
    log.line(error instanceof Error ? (error.stack ?? error.message) : String(error));
    if (signal.aborted) {
      console.error(`\nStopped. What was finished is kept: the same command goes on from there, ${downCommand(options, CLONE)} removes it.`);
      return INTERRUPTED;
    }
    console.error(`\n./hack/up could not go on: ${error instanceof Error ? error.message : String(error)}\nThe whole log is in ${log.path}`);
    return 1;
  } finally {
    await log.close();
  }
}

async function main(args: readonly string[]): Promise<number> {
  try {
    const command = parseUpOptions(args, CLONE);
    if (command.verb === 'up') return await run(command.options);
    console.log(UP_HELP);
    return 0;
  } catch (error) {
    if (!(error instanceof UpError)) throw error;
    console.error(error.message);
    return USAGE_EXIT_CODE;
  }
}

process.exitCode = await main(process.argv.slice(2));
