import { readFile } from 'node:fs/promises';
import { BenchError } from '../kube/bench-error.ts';

/** What a process has used since its start. */
export interface Usage {
  /** User and system time of all threads. */
  readonly cpuSeconds: number;
  readonly residentMebibytes: number;
  readonly peakMebibytes: number;
  /** Of what is resident now, the part that no other process can share: neither program text nor files. */
  readonly anonymousMebibytes: number;
}

/** USER_HZ, which every Linux architecture that Node supports has at 100. */
const TICKS_PER_SECOND = 100;
/** Positions after the parenthesised name of /proc/PID/stat. */
const USER_TICKS = 11;
const SYSTEM_TICKS = 12;

/** Throws BenchError when the process is gone. */
export async function usageOf(pid: number): Promise<Usage> {
  try {
    const [stat, status] = await Promise.all([readFile(`/proc/${pid}/stat`, 'utf8'), readFile(`/proc/${pid}/status`, 'utf8')]);
    return parseUsage(stat, status);
  } catch (error) {
    throw new BenchError(`process ${pid} cannot be looked at: it ended, or this is no Linux`, { cause: error });
  }
}

export function parseUsage(stat: string, status: string): Usage {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return {
    cpuSeconds: (Number(fields[USER_TICKS]) + Number(fields[SYSTEM_TICKS])) / TICKS_PER_SECOND,
    residentMebibytes: mebibytes('VmRSS', status),
    peakMebibytes: mebibytes('VmHWM', status),
    anonymousMebibytes: mebibytes('RssAnon', status),
  };
}

function mebibytes(field: string, status: string): number {
  const kibibytes = new RegExp(`^${field}:\\s*(\\d+) kB`, 'm').exec(status)?.[1];
  if (kibibytes === undefined) throw new BenchError(`/proc/PID/status has no ${field}`);
  return Number(kibibytes) / 1024;
}
