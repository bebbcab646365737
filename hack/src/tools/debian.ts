import { CommandError, runCommand } from '../process/command.ts';
import { withLock } from '../process/lock.ts';
import { systemClock } from '../progress/clock.ts';
import { type Progress, withStep } from '../progress/progress.ts';
import { ToolError } from './tool-error.ts';

export interface DebianOptions {
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

/** Of the machine, whatever folder a process has for its temporary files. */
const APT_LOCK = '/tmp/sluice-apt.lock';
const QUERY_TIMEOUT_MS = 20_000;
const UPDATE_TIMEOUT_MS = 5 * 60_000;
const INSTALL_TIMEOUT_MS = 15 * 60_000;
/** Another apt that runs at the same time is waited for; a mirror that hangs is given up. Seconds. */
const APT_OPTIONS = ['-o', 'DPkg::Lock::Timeout=300', '-o', 'Acquire::http::Timeout=60', '-o', 'Acquire::https::Timeout=60', '-o', 'Acquire::Retries=2'];
const APT_ENVIRONMENT = { DEBIAN_FRONTEND: 'noninteractive', NEEDRESTART_MODE: 'a' };

/** Installs packages when this process is root on a Debian-like system. Throws ToolError with the one line to run otherwise. */
export async function ensureDebianPackages(packages: readonly string[], options: DebianOptions): Promise<void> {
  if (packages.length === 0) return;
  const line = `apt-get install --no-install-recommends ${packages.join(' ')}`;
  if (!(await hasApt(options.signal))) throw new ToolError(`missing programs, and no apt-get here: install what Debian's packages ${packages.join(', ')} hold`);
  if (process.getuid?.() !== 0) throw new ToolError(`missing Debian packages; run as root: ${line}`);
  await withStep(options.progress, `install Debian packages ${packages.join(' ')}`, async (step) => {
    const onWait = (pid: number): void => step.update(`process ${pid} installs others, waiting`);
    try {
      // Two updates at once are an error of apt: it waits for the lock of dpkg alone.
      await withLock(APT_LOCK, { clock: systemClock, signal: options.signal, onWait }, async () => {
        step.update('apt-get update');
        await apt(['update', '-qq'], UPDATE_TIMEOUT_MS, options);
        step.update('apt-get install');
        await apt(['install', '-y', '-qq', '--no-install-recommends', ...packages], INSTALL_TIMEOUT_MS, options);
      });
    } catch (error) {
      if (error instanceof CommandError) throw new ToolError(`${line} failed: ${error.message}`, { cause: error });
      throw error;
    }
  });
}

async function apt(args: readonly string[], timeoutMs: number, options: DebianOptions): Promise<void> {
  await runCommand('apt-get', [...APT_OPTIONS, ...args], { signal: options.signal, timeoutMs, env: APT_ENVIRONMENT });
}

async function hasApt(signal: AbortSignal): Promise<boolean> {
  try {
    await runCommand('apt-get', ['--version'], { signal, timeoutMs: QUERY_TIMEOUT_MS });
    return true;
  } catch (error) {
    if (error instanceof CommandError) return false;
    throw error;
  }
}
