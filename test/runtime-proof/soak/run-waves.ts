import { readFile } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';
import { openStreams } from '../../bench/runtime/load/client.ts';
import { providerScript } from '../../bench/runtime/provider.ts';
import { simulatedBundle, startAgent, startSimulatorProgram } from '../agent-program.ts';
import { sampleOf } from './memory.ts';
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
/** Files that the server has open besides connections. */
const otherFiles = 100;
const limits = { requestTimeoutMs: 7_200_000, maxConcurrentRequests: 50_000, maxQueuedRequests: 100, maxModelTurns: 4, maxInputCharacters: 20_000 };
const body = JSON.stringify({ input: { text: 'Please hold the line.' } });

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
  const agent = await startAgent({ bundle: simulatedBundle(simulator.url, { limits }), program, signal });
  const memory = async (): Promise<number> => (await sampleOf(agent.pid, 0)).residentMebibytes;
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
      const streams = await open(clients, sharing);
      await wait(settleMs, undefined, { signal });
      const opened = await memory();
      say(`wave ${wave}: ${streams.opened.open} clients (${streams.opened.failed} failed): ${opened.toFixed(0)} MiB`);
      await wait(holdSeconds * 1_000, undefined, { signal });
      const held = await memory();
      const last = await streams.close();
      await wait(settleMs, undefined, { signal });
      const after = await memory();
      say(`wave ${wave}: after ${holdSeconds} s ${held.toFixed(0)} MiB with ${last.open} clients; ${after.toFixed(0)} MiB when they had left`);
      found.push({ open: last.open, opened, held, after });
    }
    return found;
  } finally {
    await agent.stop();
    await simulator.stop();
  }
}
