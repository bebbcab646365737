import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

/** A process that is told from a later one with the same, reused pid. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Which boot and which start within it; opaque. */
  readonly start: string;
}

const PS_TIMEOUT_MS = 5_000;
/** Fields of /proc/PID/stat after the parenthesised name: the state comes first, the start time (clock ticks since boot) is the twentieth. */
const STATE_FIELD = 0;
const START_FIELD = 19;

/** The process that has this pid now; undefined where there is none or it is a zombie. */
export async function identifyProcess(pid: number): Promise<ProcessIdentity | undefined> {
  return process.platform === 'linux' ? identifyByProc(pid) : identifyByPs(pid);
}

export async function isRunning(identity: ProcessIdentity): Promise<boolean> {
  const now = await identifyProcess(identity.pid);
  return now !== undefined && now.start === identity.start;
}

/** Sends a signal, only if the pid still belongs to the same process; says whether it did. */
export async function signalProcess(identity: ProcessIdentity, signal: NodeJS.Signals): Promise<boolean> {
  if (!(await isRunning(identity))) return false;
  try {
    return process.kill(identity.pid, signal);
  } catch (error) {
    if (isErrno(error, 'ESRCH')) return false;
    throw error;
  }
}

/** Parses /proc/PID/stat; the name in it may hold spaces and parentheses. Undefined for a zombie. */
export function parseProcStat(stat: string): string | undefined {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const state = fields[STATE_FIELD];
  return state === 'Z' || state === 'X' ? undefined : fields[START_FIELD];
}

export function isErrno(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}

async function identifyByProc(pid: number): Promise<ProcessIdentity | undefined> {
  try {
    const [stat, boot] = await Promise.all([readFile(`/proc/${pid}/stat`, 'utf8'), readFile('/proc/sys/kernel/random/boot_id', 'utf8')]);
    const ticks = parseProcStat(stat);
    return ticks === undefined ? undefined : { pid, start: `${boot.trim()}/${ticks}` };
  } catch (error) {
    if (isErrno(error, 'ENOENT') || isErrno(error, 'ESRCH')) return undefined;
    throw error;
  }
}

async function identifyByPs(pid: number): Promise<ProcessIdentity | undefined> {
  try {
    const { stdout } = await promisify(execFile)('ps', ['-o', 'lstart=', '-p', String(pid)], { timeout: PS_TIMEOUT_MS });
    const start = stdout.trim();
    return start === '' ? undefined : { pid, start };
  } catch {
    // ps ends with 1 when there is no such process.
    return undefined;
  }
}
