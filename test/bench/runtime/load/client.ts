import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { BenchError } from '../../kube/bench-error.ts';
import type { ClosedPlan, LoadPlan, LoadResult, RatePlan, StreamsPlan } from './plan.ts';

const program = fileURLToPath(new URL('main.ts', import.meta.url));

/** Lines that a child tells, in their order. Throws BenchError when it ends instead. */
function tellings(child: ChildProcess): () => Promise<unknown> {
  if (child.stdout === null) throw new BenchError('a process of load has no output');
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return async () => {
    const { value, done } = await lines.next();
    if (done === true) throw new BenchError('a process of load ended without a result');
    return JSON.parse(value) as unknown;
  };
}

function start(plan: LoadPlan, signal: AbortSignal): ChildProcess {
  const child = spawn(process.execPath, [program, JSON.stringify(plan)], { stdio: ['pipe', 'pipe', 'inherit'], signal });
  // The end by the signal is told by whoever aborted.
  child.on('error', () => undefined);
  return child;
}

/** Runs a plan in a process of its own. Throws BenchError. */
export async function runLoad(plan: RatePlan | ClosedPlan, signal: AbortSignal): Promise<LoadResult> {
  const child = start(plan, signal);
  const result = (await tellings(child)()) as LoadResult;
  child.kill();
  return result;
}

export interface StreamCount {
  readonly open: number;
  readonly failed: number;
}

export interface OpenStreams {
  readonly opened: StreamCount;
  /** Closes them; how many were open until then. */
  readonly close: () => Promise<StreamCount>;
}

/** Opens streams from a process of its own. Throws BenchError. */
export async function openStreams(plan: StreamsPlan, signal: AbortSignal): Promise<OpenStreams> {
  const child = start(plan, signal);
  const next = tellings(child);
  const opened = (await next()) as StreamCount;
  return {
    opened,
    close: async () => {
      const ended = once(child, 'exit');
      child.stdin?.end();
      const last = (await next()) as StreamCount;
      await ended;
      return last;
    },
  };
}
