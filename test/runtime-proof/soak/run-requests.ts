import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startAgent, startSimulatorProgram } from '../agent-program.ts';
import { collectable } from './collect-garbage.ts';
import { createGate } from './gate.ts';
import type { Answers } from './requests/ask-agent.ts';
import { mixedRequests } from './requests/mixed-requests.ts';
import { openShop } from './shop.ts';
import { faultyScript, soakBundle, soakSettings, type SoakStore } from './soak-agent.ts';
import { watch, type Watched } from './watch.ts';

export interface RequestsOptions {
  readonly requests: number;
  readonly store: SoakStore;
  /** The most that the store may grow to. */
  readonly mebibytes: number;
  /** Looks at memory, each of which stops the asking for some two seconds. Default: enough to judge by. */
  readonly samples?: number;
  /** No more are sent then. Default: all of them are. */
  readonly minutes?: number;
  /** Arguments of node. Default: the sources. */
  readonly program?: readonly string[];
  readonly say: (line: string) => void;
  readonly signal: AbortSignal;
}

export interface RequestsOutcome {
  readonly answers: Answers;
  readonly watched: Watched;
  /** Writes that were made, and what was written more than once. */
  readonly writes: number;
  readonly twice: readonly string[];
}

const concurrency = 16;
const enoughSamples = 48;

/** Requests of all kinds one after the other, sixteen at a time. */
async function askAll(send: (index: number) => Promise<void>, { requests, minutes = Number.POSITIVE_INFINITY, signal }: RequestsOptions): Promise<void> {
  const until = performance.now() + minutes * 60_000;
  let next = 0;
  const ask = async (): Promise<void> => {
    while (next < requests && performance.now() < until) {
      signal.throwIfAborted();
      const index = next;
      next += 1;
      await send(index);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, ask));
}

/** Asks an agent in all ways that it has, beside a provider and a shop that fail, and watches its server meanwhile. */
export async function runRequests(options: RequestsOptions): Promise<RequestsOutcome> {
  const { requests, samples = enoughSamples, program, say, signal } = options;
  const folder = await mkdtemp(join(tmpdir(), 'sluice-soak-'));
  const shop = await openShop();
  const simulator = await startSimulatorProgram(faultyScript, signal);
  const { keys, environment } = await soakSettings(folder, options);
  const agent = await startAgent({ bundle: (url) => soakBundle({ provider: simulator.url, shop: shop.url, url }), environment, program, nodeFlags: collectable, signal });
  const asking = mixedRequests(agent.url, keys);
  const gate = createGate();
  const ended = new AbortController();
  try {
    const watching = watch({ agent, done: () => asking.answers().asked, every: Math.ceil(requests / samples), alone: gate.alone, say, ended: ended.signal, signal });
    const [watched] = await Promise.all([watching, askAll((index) => gate.through(() => asking.send(index)), options).finally(() => ended.abort())]);
    return { answers: asking.answers(), watched, writes: shop.writes(), twice: shop.twice() };
  } finally {
    await asking.close();
    await agent.stop();
    await simulator.stop();
    await shop.close();
    await rm(folder, { recursive: true, force: true });
  }
}
