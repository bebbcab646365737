import { describe, expect, it } from 'vitest';
import { createFakeClock } from '../../platform/clock-fake.ts';
import { ModelError } from '../../providers/model-error.ts';
import { batchRound, type BatchLoopOptions } from './batch-loop.ts';
import { defaultBatchLimits, type BatchEvent } from './look-after.ts';
import type { DueBatch } from './turn-store.ts';

const amount = { tokens: 500, microDollars: 40 };
const lost: DueBatch = { id: 'b-1', providerId: undefined, state: 'submitting', size: 1, submissions: 1, submittedAt: 0, submittedMs: 180_000, looks: 10, wanted: 'yes' };

/** One look at a batch whose provider answers each question about it with this error. */
async function look(batch: DueBatch, error?: Error): Promise<{ readonly outcome: string; readonly told: readonly string[] }> {
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
      lookAgain: async (_id: string, after: number) => void told.push(`looks again in ${after / 1_000} s`),
    },
    api: { find: () => (error === undefined ? Promise.resolve({ kind: 'none' }) : Promise.reject(error)), look: () => Promise.reject(error) },
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
    ['for the first times', { looks: 9 }, new ModelError('unavailable', { status: 503 }), ['looks again in 180 s', 'error']],
    ['where the key is not accepted, which somebody will mend', {}, new ModelError('unauthorized', { status: 401 }), ['looks again in 180 s', 'key', 'error']],
    ['where it is the store that fails', {}, new Error('the store is away'), ['looks again in 180 s', 'error']],
    ['that was taken', { providerId: 'p-1', state: 'submitted' }, new ModelError('unavailable', { status: 503 }), ['looks again in 300 s', 'error']],
  ])('is waited for %s', async (_, batch, error, told) => {
    expect(await look({ ...lost, ...batch }, error)).toEqual({ outcome: 'nothing', told });
  });
});

describe('a batch that was taken, whose looks fail', () => {
  it('is given up where its results cannot be read, tried again and again', async () => {
    const taken: DueBatch = { ...lost, providerId: 'p-1', state: 'submitted' };
    const unreadable = new ModelError('invalid_reply');
    expect(await look({ ...taken, looks: 9 }, unreadable)).toEqual({ outcome: 'nothing', told: ['looks again in 300 s', 'error'] });
    expect(await look(taken, unreadable)).toEqual({ outcome: 'done', told: ['closed b-1', 'spent {"tokens":500,"microDollars":40}', 'given-up', 'woken'] });
  });

  it.each([
    [0, 15],
    [1, 30],
    [4, 240],
    [5, 300],
    [40, 300],
  ])('is looked at again: after %i looks in %i s', async (looks, seconds) => {
    const taken: DueBatch = { ...lost, providerId: 'p-1', state: 'submitted', looks };
    expect(await look(taken, new ModelError('unavailable', { status: 500 }))).toEqual({ outcome: 'nothing', told: [`looks again in ${seconds} s`, 'error'] });
  });
});

it('a batch that the provider does not know is not sent again while its submission may be on the way', async () => {
  expect(await look({ ...lost, looks: 1, submittedMs: 45_000 })).toEqual({ outcome: 'done', told: ['looks again in 30 s', 'woken'] });
});

describe('a process that works on a batch', () => {
  async function submitting(lookAgain: (after: number) => Promise<void>) {
    const clock = createFakeClock();
    const sent = Promise.withResolvers<string>();
    const told: unknown[] = [];
    let signal: AbortSignal | undefined;
    const options = {
      turns: { abandoned: async () => [], gather: async () => ({ id: 'b-1', turns: [] }), due: async () => undefined, submitted: async () => void told.push('submitted'), lookAgain: async (_id: string, after: number) => await lookAgain(after) },
      api: {
        submit: async (_batch: unknown, given: AbortSignal) => {
          signal = given;
          return await sent.promise;
        },
      },
      observe: ({ type }: BatchEvent) => void told.push(type),
      limits: defaultBatchLimits,
      clock,
      random: { id: () => 'x' },
      gather: { collectMs: 1, maxTurns: 1, maxBytes: 1 },
      idleMs: 1,
    } as unknown as BatchLoopOptions;
    const round = batchRound(options, new AbortController().signal);
    const settle = async (): Promise<void> => {
      for (let turn = 0; turn < 50; turn += 1) await Promise.resolve();
    };
    await settle();
    const advance = async (milliseconds: number): Promise<void> => {
      clock.advance(milliseconds);
      await settle();
    };
    return { advance, clock, round, sent, told, aborted: () => signal?.aborted };
  }

  it('says so every 15 s, so that others look after it 45 s after it died', async () => {
    const said: number[] = [];
    const { advance, clock, round, sent, told } = await submitting(async (after) => void said.push(after));
    for (let third = 0; third < 4; third += 1) await advance(15_000);
    expect(said).toEqual([45_000, 45_000, 45_000, 45_000]);
    sent.resolve('p-1');
    expect(await round).toBe('done');
    expect(told).toEqual(['submitted', 'submitted']);
    expect(clock.pending()).toBe(0);
  });

  it('goes on when it cannot say so once, and ends before others begin when it cannot say so again', async () => {
    let asked = 0;
    const { advance, round, told, aborted } = await submitting(async () => {
      asked += 1;
      if (asked !== 2) throw new Error('the store is away');
    });
    for (let third = 0; third < 3; third += 1) await advance(15_000);
    expect([asked, aborted()]).toEqual([3, false]);
    await advance(15_000);
    expect([asked, aborted()]).toEqual([4, true]);
    expect(await round).toBe('nothing');
    expect(told).toEqual(['error']);
  });
});
