import { setTimeout as wait } from 'node:timers/promises';
import { usageOf } from '../../bench/operator/usage.ts';
import type { Program } from '../program.ts';
import { collectGarbage } from './collect-garbage.ts';
import type { Gate } from './gate.ts';
import type { Sample } from './memory.ts';
import { type SoakMoment, soakMomentOf } from './moments.ts';

/** What the server was seen to do while it was asked. */
export interface Watched {
  readonly samples: readonly Sample[];
  readonly highestFill: number;
  readonly shed: number;
  /** Longest stops of the event loop between two looks, in milliseconds: where the store let go of something meanwhile, and where it did not. */
  readonly stalls: { readonly shedding: readonly number[]; readonly otherwise: readonly number[] };
  readonly precision: { readonly lowest: number; readonly highest: number; readonly adaptations: number };
  /** Requests that were worked on still, a while after the last one was answered. */
  readonly leftBehind: number;
}

export interface WatchOptions {
  readonly agent: Program;
  readonly done: () => number;
  /** Requests from one sample to the next. */
  readonly every: number;
  /** What requests on their way hold would be most of the differences between samples. */
  readonly alone: Gate['alone'];
  readonly say: (line: string) => void;
  /** Nobody asks any more. */
  readonly ended: AbortSignal;
  readonly signal: AbortSignal;
}

const lookEvery = 500;
const toldEvery = 4;
/** Milliseconds in which work must end that nobody waits for. */
const leaveLimit = 60_000;

async function sampleOf({ agent, done, signal }: WatchOptions): Promise<Sample> {
  const at = done();
  await collectGarbage(agent.pid, signal);
  const [{ residentMebibytes }, { heapMebibytes, files, timers }] = await Promise.all([usageOf(agent.pid), soakMomentOf(agent.url)]);
  return { done: at, residentMebibytes, heapMebibytes, files, timers };
}

async function untilLeft({ agent, signal }: WatchOptions): Promise<number> {
  const until = performance.now() + leaveLimit;
  for (;;) {
    const { requestsInFlight } = await soakMomentOf(agent.url);
    if (requestsInFlight === 0 || performance.now() > until) return requestsInFlight;
    await wait(lookEvery, undefined, { signal });
  }
}

/** Looks until nobody asks any more, and then until all work has ended. */
export async function watch(options: WatchOptions): Promise<Watched> {
  const { agent, done, every, alone, say, ended, signal } = options;
  const samples: Sample[] = [];
  const moments: SoakMoment[] = [];
  const stalls = { shedding: [] as number[], otherwise: [] as number[] };
  for (let next = every; !ended.aborted; ) {
    const moment = await soakMomentOf(agent.url);
    stalls[moment.shed > (moments.at(-1)?.shed ?? 0) ? 'shedding' : 'otherwise'].push(moment.stallMs);
    moments.push(moment);
    if (done() >= next) {
      // What the collection holds up is not the server's: the look after it begins anew.
      const sample = await alone(async () => await sampleOf(options));
      samples.push(sample);
      next = sample.done + every;
      if (samples.length % toldEvery === 0) say(`${sample.done} requests: ${sample.residentMebibytes.toFixed(1)} MiB, heap ${sample.heapMebibytes.toFixed(1)}, ${sample.files} files, ${sample.timers} timers, store ${(moment.fill * 100).toFixed(0)} %`);
    }
    await wait(lookEvery, undefined, { signal });
  }
  const leftBehind = await untilLeft(options);
  const levels = moments.map(({ executionPrecision }) => executionPrecision);
  const last = moments.at(-1);
  return { samples, stalls, leftBehind, highestFill: Math.max(...moments.map(({ fill }) => fill)), shed: last?.shed ?? 0, precision: { lowest: Math.min(...levels), highest: Math.max(...levels), adaptations: last?.adaptations ?? 0 } };
}
