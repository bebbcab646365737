import { askAgentAt, type Answers } from './ask-agent.ts';
import type { Kind } from './kind.ts';
import { cancelled, sent, streamedTask } from './kinds/a2a.ts';
import { asJob, inSession, listed } from './kinds/conversations-and-jobs.ts';
import { keyed, resumed } from './kinds/keyed.ts';
import { toolCalled } from './kinds/mcp.ts';
import { chatted, invoked, left, lookedUp, refused, streamed } from './kinds/questions.ts';
import { approved, keyedWrite } from './kinds/writes.ts';

export interface Asking {
  /** Sends the request of this number; resolves when it was answered or left. */
  readonly send: (index: number) => Promise<void>;
  readonly answers: () => Answers;
  readonly close: () => Promise<void>;
}

const mostTold = 5;

/** Of a hundred requests so many are of each kind. */
const parts: readonly (readonly [number, Kind])[] = [
  [10, streamed],
  [6, chatted],
  [8, invoked],
  [12, lookedUp],
  [4, refused],
  [8, left],
  [5, inSession],
  [5, asJob],
  [3, listed],
  [14, keyed],
  [3, resumed],
  [3, keyedWrite],
  [3, approved],
  [6, sent],
  [4, streamedTask],
  [2, cancelled],
  [4, toolCalled],
];

/** How far apart two neighbours of a hundred are: each kind is spread over them. It has no divisor in common with a hundred. */
const stride = 37;

/** Requests of all kinds, also ones that are refused, repeated or given up. */
export function mixedRequests(url: string, keys: Readonly<Record<'user' | 'approver', string>>): Asking {
  const client = askAgentAt(url, keys);
  const hundred = parts.flatMap(([count, kind]) => Array.from({ length: count }, () => kind));
  const sending = { url, keys, ask: client.ask, now: () => performance.now() };
  const senders = new Map([...new Set(hundred)].map((kind) => [kind, kind(sending)]));
  const wrong: string[] = [];
  let asked = 0;
  let failed = 0;
  return {
    send: async (index) => {
      const kind = hundred[(index * stride) % hundred.length];
      asked += 1;
      try {
        await (kind && senders.get(kind))?.(index);
      } catch (error) {
        failed += 1;
        if (wrong.length < mostTold) wrong.push(`request ${index}: ${error instanceof Error ? error.message : String(error)}`);
      }
    },
    answers: () => ({ counts: client.counts, asked, failed, wrong }),
    close: client.close,
  };
}
