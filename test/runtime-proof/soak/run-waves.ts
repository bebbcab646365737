import { readFile } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';
import { usageOf } from '../../bench/operator/usage.ts';
import { openStreams } from '../../bench/runtime/load/client.ts';
import { providerScript } from '../../bench/runtime/provider.ts';
import { simulatedBundle, startAgent, startSimulatorProgram } from '../agent-program.ts';
import { collectable, collectGarbage } from './collect-garbage.ts';
import { momentOf } from './moments.ts';
import type { Wave } from './waves.ts';

export interface WavesOptions {
  readonly clients: number;
  readonly waves: number;
  readonly holdSeconds: number;
  /** Arguments of node. Default: the sources. */
  readonly program?: readonly string[];
  readonly say: (line: string) => void;
  readonly signal: AbortSignal;
}

const openedPerSecond = 200;
const settleMs = 3_000;
/** Milliseconds in which the requests of clients that have left must end, and how often that is looked for. */
const leaveLimit = 300_000;
const lookEvery = 250;
/** Files that the server has open besides connections. */
const otherFiles = 100;
const limits = { requestTimeoutMs: 7_200_000, maxConcurrentRequests: 50_000, maxQueuedRequests: 100, maxModelTurns: 4, maxInputCharacters: 20_000 };
const body = JSON.stringify({ input: { text: 'Please hold the line.' } });

/** Resolves when no more than `kept` requests are worked on; those of a key go on without a reader for a while. Throws Error when they do not end. */
async function untilLeft(url: string, kept: number, signal: AbortSignal): Promise<{ readonly leftMs: number; readonly stallMs: number }> {
  const startedAt = performance.now();
  for (let stallMs = 0; performance.now() - startedAt < leaveLimit; await wait(lookEvery, undefined, { signal })) {
    const moment = await momentOf(url);
    stallMs = Math.max(stallMs, moment.stallMs);
    if (moment.requestsInFlight <= kept) return { leftMs: performance.now() - startedAt, stallMs };
  }
  throw new Error(`the requests of clients that had left were still worked on after ${leaveLimit / 1_000} s`);
}

function toldStall(milliseconds: number, cpuSeconds: number): string {
  return `the event loop stood still for ${milliseconds.toFixed(0)} ms at most, ${cpuSeconds.toFixed(1)} s of CPU`;
}

/** How many clients must share a stream: each client takes a connection of the server, and each stream one more to the provider. */
export function sharingFor(clients: number, mostFiles: number): number {
  return Math.max(0, clients * 2 + otherFiles - mostFiles);
}

async function mostFilesOf(pid: number): Promise<number> {
  const soft = /^Max open files\s+(\d+|unlimited)/m.exec(await readFile(`/proc/${pid}/limits`, 'utf8'))?.[1];
  return soft === undefined || soft === 'unlimited' ? Number.POSITIVE_INFINITY : Number(soft);
}

/** Clients that ask /v1/stream and read, all at the same time, several times over: the server, the clients and the provider are processes of their own. */
export async function runWaves({ clients, waves, holdSeconds, program, say, signal }: WavesOptions): Promise<readonly Wave[]> {
  const simulator = await startSimulatorProgram(providerScript, signal);
  const agent = await startAgent({ bundle: simulatedBundle(simulator.url, { limits }), program, nodeFlags: collectable, signal });
  const memory = async (): Promise<number> => (await usageOf(agent.pid)).residentMebibytes;
  const cpu = async (): Promise<number> => (await usageOf(agent.pid)).cpuSeconds;
  const sharing = sharingFor(clients, await mostFilesOf(agent.pid));
  if (sharing > 0) say(`${sharing} of ${clients} clients read the stream of another: this process may open ${await mostFilesOf(agent.pid)} files, and a stream of one's own takes two`);
  const open = async (streams: number, shared: number) => await openStreams({ kind: 'streams', url: `${agent.url}/v1/stream`, body, streams, sharing: shared, rate: openedPerSecond }, signal);
  const found: Wave[] = [];
  try {
    say(`no clients: ${(await memory()).toFixed(0)} MiB`);
    const few = await open(Math.ceil(clients / 10), 0);
    await wait(settleMs, undefined, { signal });
    say(`${few.opened.open} clients: ${(await memory()).toFixed(0)} MiB`);
    await few.close();
    for (let wave = 1; wave <= waves; wave += 1) {
      await momentOf(agent.url);
      const cpuBefore = await cpu();
      const streams = await open(clients, sharing);
      await wait(settleMs, undefined, { signal });
      const { stallMs: coming } = await momentOf(agent.url);
      await collectGarbage(agent.pid, signal);
      const opened = await memory();
      await momentOf(agent.url); // the collection's own stall is nobody's
      const cpuOpened = await cpu();
      say(`wave ${wave}: ${streams.opened.open} clients (${streams.opened.failed} failed): ${opened.toFixed(0)} MiB; ${toldStall(coming, cpuOpened - cpuBefore)}`);
      await wait(holdSeconds * 1_000, undefined, { signal });
      const { stallMs: waiting } = await momentOf(agent.url);
      await collectGarbage(agent.pid, signal);
      const held = await memory();
      const cpuHeld = await cpu();
      const last = await streams.close();
      const { leftMs, stallMs: leaving } = await untilLeft(agent.url, sharing, signal);
      await wait(settleMs, undefined, { signal });
      const after = await memory();
      say(`wave ${wave}: after ${holdSeconds} s ${held.toFixed(0)} MiB with ${last.open} clients; ${toldStall(waiting, cpuHeld - cpuOpened)}`);
      say(`wave ${wave}: ${after.toFixed(0)} MiB when they had left, after ${(leftMs / 1_000).toFixed(1)} s; ${toldStall(leaving, (await cpu()) - cpuHeld)}`);
      found.push({ open: last.open, opened, held, after, stalls: { coming, waiting, leaving } });
    }
    return found;
  } finally {
    await agent.stop();
    await simulator.stop();
  }
}
