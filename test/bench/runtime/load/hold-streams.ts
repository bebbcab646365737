import { Agent } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { askStream } from './exchange.ts';
import type { StreamsPlan } from './plan.ts';

export interface HeldStreams {
  /** Streams that have brought text and are open. */
  readonly open: () => number;
  readonly failed: () => number;
  readonly close: () => void;
}

/** Streams that are opened at a time: what is held is measured, not what comes at once. */
const mostOpening = 64;

/** The first streams have keys, by which the last ones find them. */
function keyOf(index: number, streams: number, sharing: number): Readonly<Record<string, string>> {
  const shared = index < sharing ? index : index - (streams - sharing);
  return shared < 0 || sharing === 0 ? {} : { 'idempotency-key': `${process.pid}-${shared}` };
}

/** Opens the streams and resolves when each of them has brought text or has failed, or their time is over. */
export async function holdStreams({ url, body, streams, rate, sharing = 0, withinSeconds = 900 }: StreamsPlan): Promise<HeldStreams> {
  const agent = new Agent({ keepAlive: false });
  const stop = new AbortController();
  const count = { open: 0, failed: 0 };
  const opening = (sent: number): number => sent - count.open - count.failed;
  const startedAt = performance.now();
  const limit = startedAt + withinSeconds * 1_000;
  for (let index = 0; index < streams; index += 1) {
    while (opening(index) >= mostOpening && performance.now() < limit) await wait(5);
    if (performance.now() >= limit) break;
    const dueAt = startedAt + (index * 1_000) / rate;
    while (performance.now() < dueAt) await wait(Math.max(1, dueAt - performance.now()));
    let state: 'waiting' | 'open' = 'waiting';
    const onText = (): void => {
      state = 'open';
      count.open += 1;
    };
    askStream({ url, body, agent, signal: stop.signal, headers: keyOf(index, streams, sharing) }, onText).catch(() => undefined).finally(() => {
      if (state === 'open') count.open -= 1;
      count.failed += 1;
    });
  }
  while (opening(streams) > 0 && performance.now() < limit) await wait(50);
  return {
    open: () => count.open,
    failed: () => count.failed,
    close: () => {
      stop.abort();
      agent.destroy();
    },
  };
}
