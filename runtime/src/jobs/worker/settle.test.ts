import { describe, expect, it } from 'vitest';
import { createFakeClock } from '../../platform/clock-fake.ts';
import { StoreError } from '../../store/store-error.ts';
import type { Lease } from '../job.ts';
import type { JobStore } from '../job-store.ts';
import { settle } from './settle.ts';

const lease = { job: { id: 'job-1' }, fence: 1 } as Lease;

/** A store that is away for so many tries. */
function awayFor(tries: number) {
  const clock = createFakeClock();
  const errors: unknown[] = [];
  let asked = 0;
  const store = {
    complete: async () => {
      asked += 1;
      if (asked <= tries) throw new StoreError('unavailable', 'away');
      return 'succeeded';
    },
  } as unknown as JobStore;
  const settled = settle(store, lease, { kind: 'result', result: 1 }, { clock, forMs: 1_000, pauseMs: 400, onError: (error) => errors.push(error) });
  const pass = async (milliseconds: number): Promise<void> => {
    await expect.poll(() => clock.pending()).toBe(1);
    clock.advance(milliseconds);
  };
  return { clock, errors, settled, pass, asked: () => asked };
}

describe('how the work on a job ended', () => {
  it('is written as soon as the store is there again', async () => {
    const { pass, settled, errors } = awayFor(2);
    await pass(400);
    await pass(400);
    expect(await settled).toBe('succeeded');
    expect(errors).toHaveLength(2);
  });

  it('is given up when the lease has lapsed: another worker has the job by then', async () => {
    const { pass, settled, asked, clock } = awayFor(Number.POSITIVE_INFINITY);
    await pass(400);
    await pass(400);
    expect(await settled).toBe('lost');
    expect([asked(), clock.pending()]).toEqual([3, 0]);
  });
});
