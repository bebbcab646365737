import { loadavg } from 'node:os';
import { setTimeout as wait } from 'node:timers/promises';
import type { Program } from '../../runtime-proof/program.ts';
import { usageOf } from '../operator/usage.ts';
import { chatPath, type Contender } from './contender.ts';
import { openStreams, runLoad } from './load/client.ts';
import type { LoadResult } from './load/plan.ts';
import type { Options } from './options.ts';
import { heldBody, streamBody, wholeBody } from './provider.ts';

/** Of requests at one rate, milliseconds. */
export interface Latency {
  readonly rate: number;
  readonly p50: number;
  readonly p99: number;
  readonly failed: number;
}

/** What one run of one contender measured. Times in milliseconds, memory in MiB. */
export interface RunFigures {
  readonly loadBefore: number;
  readonly readyMs: number;
  readonly idleMebibytes: number;
  /** Over what the provider took when it was asked directly, in the same round. */
  readonly added: readonly Latency[];
  readonly firstTextAdded: number;
  readonly requestsPerSecond: number;
  /** For each second of CPU time that its process used. */
  readonly requestsPerCpuSecond: number;
  readonly failed: number;
  readonly streams: { readonly open: number; readonly mebibytes: number };
}

/** What the provider took when nobody stood between. */
export interface Baseline {
  readonly whole: ReadonlyMap<number, LoadResult>;
  readonly firstText: LoadResult;
}

export interface RunOptions extends Pick<Options, 'seconds' | 'rates' | 'streams'> {
  /** URL of the simulator. */
  readonly provider: string;
  readonly signal: AbortSignal;
}

const warmupSeconds = 3;
/** The same for all: V8 and the interpreter of Python have compiled then what a request needs. */
const throughputWarmupSeconds = 10;
const streamRate = 20;
const connections = 32;
const streamsOpened = 200;
/** Twelve times what they need at that rate: a contender that does not hold so many is not waited for. */
const streamsSeconds = 60;
const settleMs = 2_000;

async function wholeAt(url: string, rate: number, { seconds, signal }: RunOptions): Promise<LoadResult> {
  return await runLoad({ kind: 'rate', url: `${url}${chatPath}`, body: wholeBody, rate, seconds, warmupSeconds, until: 'end' }, signal);
}

async function firstTextOf(url: string, { seconds, signal }: RunOptions): Promise<LoadResult> {
  return await runLoad({ kind: 'rate', url: `${url}${chatPath}`, body: streamBody, rate: streamRate, seconds, warmupSeconds: 1, until: 'first text' }, signal);
}

/** Asks the provider directly. */
export async function runBaseline(options: RunOptions): Promise<Baseline> {
  const whole = new Map<number, LoadResult>();
  for (const rate of options.rates) whole.set(rate, await wholeAt(options.provider, rate, options));
  return { whole, firstText: await firstTextOf(options.provider, options) };
}

async function latencies({ url }: Program, contender: Contender, baseline: Baseline, options: RunOptions): Promise<Latency[]> {
  const found: Latency[] = [];
  for (const rate of options.rates.filter((each) => each <= contender.mostRate)) {
    const { p50, p99, failed } = await wholeAt(url, rate, options);
    const direct = baseline.whole.get(rate);
    found.push({ rate, failed, p50: p50 - (direct?.p50 ?? Number.NaN), p99: p99 - (direct?.p99 ?? Number.NaN) });
  }
  return found;
}

async function throughput({ url, pid }: Program, { seconds, signal }: RunOptions): Promise<Pick<RunFigures, 'requestsPerSecond' | 'requestsPerCpuSecond' | 'failed'>> {
  const plan = { kind: 'closed', url: `${url}${chatPath}`, body: wholeBody, connections } as const;
  await runLoad({ ...plan, seconds: throughputWarmupSeconds, warmupSeconds: 0 }, signal);
  const before = await usageOf(pid);
  const { answered, failed } = await runLoad({ ...plan, seconds, warmupSeconds: 0 }, signal);
  const { cpuSeconds } = await usageOf(pid);
  return { requestsPerSecond: answered / seconds, requestsPerCpuSecond: answered / (cpuSeconds - before.cpuSeconds), failed };
}

async function memoryOfStreams({ url, pid }: Program, { streams, signal }: RunOptions): Promise<RunFigures['streams']> {
  const held = await openStreams({ kind: 'streams', url: `${url}${chatPath}`, body: heldBody, streams, rate: streamsOpened, withinSeconds: streamsSeconds }, signal);
  await wait(settleMs, undefined, { signal });
  const { residentMebibytes: mebibytes } = await usageOf(pid);
  const { open } = await held.close();
  return { open, mebibytes };
}

/** Starts the contender, measures it and stops it. */
export async function runContender(contender: Contender, baseline: Baseline, options: RunOptions): Promise<RunFigures> {
  const [loadBefore = Number.NaN] = loadavg();
  const program = await contender.start(options.provider, options.signal);
  try {
    await wait(settleMs, undefined, { signal: options.signal });
    const { residentMebibytes: idleMebibytes } = await usageOf(program.pid);
    const streams = await memoryOfStreams(program, options);
    const added = await latencies(program, contender, baseline, options);
    const firstText = await firstTextOf(program.url, options);
    const through = await throughput(program, options);
    return { loadBefore, readyMs: program.readyMs, idleMebibytes, added, firstTextAdded: firstText.p50 - baseline.firstText.p50, streams, ...through };
  } finally {
    await program.stop();
  }
}
