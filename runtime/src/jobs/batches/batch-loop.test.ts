import { describe, expect, it } from 'vitest';
import { createFakeClock } from '../../platform/clock-fake.ts';
import { ModelError } from '../../providers/model-error.ts';
import { batchRound, type BatchLoopOptions } from './batch-loop.ts';
import { defaultBatchLimits, type BatchEvent } from './look-after.ts';
import type { DueBatch } from './turn-store.ts';

const amount = { tokens: 500, microDollars: 40 };
const lost: DueBatch = { id: 'b-1', providerId: undefined, state: 'submitting', size: 1, submissions: 1, submittedAt: 0, looks: 10, wanted: 'yes' };

/** One look at a batch whose provider answers each question about it with this error. */
async function look(batch: DueBatch, error: Error): Promise<{ readonly outcome: string; readonly told: readonly string[] }> {
  const told: string[] = [];
  const options = {
    turns: {
      abandoned: async () => [],
      gather: async () => undefined,
      due: async () => batch,
      known: async () => new Set<string>(),
      close: async (id: string) => {
        told.push(`closed ${id}`);
        return [{ id: 'r-1', accounts: [], amount }];
      },
      lookAgain: async () => void told.push('looks again'),
    },
    api: { find: () => Promise.reject(error), look: () => Promise.reject(error) },
    settle: async (_reservation: object, spent: object) => void told.push(`spent ${JSON.stringify(spent)}`),
    observe: ({ type }: BatchEvent) => void told.push(type),
    wake: async () => void told.push('woken'),
    reloadKey: () => void told.push('key'),
    limits: defaultBatchLimits,
    clock: createFakeClock(),
    random: { id: () => 'x' },
    gather: { collectMs: 1, maxTurns: 1, maxBytes: 1 },
    idleMs: 1,
  } as unknown as BatchLoopOptions;
  const outcome = await batchRound(options, new AbortController().signal);
  return { outcome, told };
}

describe('a batch whose submission was lost', () => {
  it('is given up where the provider does not say for long what became of it: its jobs go on, and what was reserved is spent', async () => {
    expect(await look(lost, new ModelError('unavailable', { status: 503 }))).toEqual({ outcome: 'done', told: ['closed b-1', 'spent {"tokens":500,"microDollars":40}', 'given-up', 'woken'] });
  });

  it.each<[string, Partial<DueBatch>, Error, readonly string[]]>([
    ['for the first times', { looks: 9 }, new ModelError('unavailable', { status: 503 }), ['error']],
    ['where the key is not accepted, which somebody will mend', {}, new ModelError('unauthorized', { status: 401 }), ['key', 'error']],
    ['where it is the store that fails', {}, new Error('the store is away'), ['error']],
    ['that was taken', { providerId: 'p-1', state: 'submitted' }, new ModelError('unavailable', { status: 503 }), ['looks again', 'error']],
  ])('is waited for %s', async (_, batch, error, told) => {
    expect(await look({ ...lost, ...batch }, error)).toEqual({ outcome: 'nothing', told });
  });
});
