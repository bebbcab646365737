import { describe, expect, it } from 'vitest';
import { createFakeClock } from '../platform/clock-fake.ts';
import { createStateFixture } from '../testing/state-fixture.ts';
import { defaultIdempotencyLimits, type IdempotencyStore, type StoredResponse } from './idempotency-store.ts';
import { renewKeys } from './renewed-keys.ts';

const request = { scope: 's', key: 'k', fingerprint: 'f' };
const response: StoredResponse = { status: 200, headers: {}, body: '{}' };
const { leaseMs } = defaultIdempotencyLimits;
const settled = async (): Promise<void> => await new Promise((resolve) => setTimeout(resolve, 5));

async function rig(change: (store: IdempotencyStore) => IdempotencyStore = (store) => store) {
  const clock = createFakeClock();
  const { store, wallClock } = await createStateFixture(clock);
  const errors: unknown[] = [];
  const keys = renewKeys(change(store.idempotency), { clock, everyMs: leaseMs / 4, longestMs: leaseMs * 10, onError: (error) => errors.push(error) });
  const pass = async (quarters: number): Promise<void> => {
    for (let count = 0; count < quarters; count += 1) {
      wallClock.advance(leaseMs / 4);
      clock.advance(leaseMs / 4);
      await settled();
    }
  };
  /** Another replica with the same store. */
  const other = store.idempotency;
  const started = async () => {
    const begun = await keys.begin(request);
    if (begun.outcome !== 'started') throw new Error(begun.outcome);
    return begun.claim;
  };
  return { clock, wallClock, keys, other, pass, started, errors };
}

describe('a key whose request is worked on', () => {
  it('is held for as long as that takes, and let go at its end', async () => {
    const { keys, other, pass, started } = await rig();
    const claim = await started();
    await pass(12);
    expect(await other.begin(request)).toMatchObject({ outcome: 'in-flight' });
    expect(await keys.complete(claim, response)).toBe('stored');
    expect(keys.held()).toBe(0);
    expect(await other.begin(request)).toEqual({ outcome: 'replay', response });
  });

  it('is free one lease after the process was killed, however long the request might have taken', async () => {
    const { started, other, wallClock } = await rig();
    await started();
    wallClock.advance(leaseMs - 1);
    expect(await other.begin(request)).toEqual({ outcome: 'in-flight', retryAfterMs: 1 });
    wallClock.advance(1);
    expect(await other.begin(request)).toMatchObject({ outcome: 'started' });
  });

  it('is let go when it is released, was ended elsewhere, or nobody tells its end', async () => {
    const released = await rig();
    await released.keys.release(await released.started());
    expect([released.keys.held(), released.clock.pending()]).toEqual([0, 0]);
    const elsewhere = await rig();
    await elsewhere.other.complete(await elsewhere.started(), response);
    await elsewhere.pass(1);
    expect(elsewhere.keys.held()).toBe(0);
    const forgotten = await rig();
    await forgotten.started();
    await forgotten.pass(45);
    expect([forgotten.keys.held(), forgotten.clock.pending()]).toEqual([0, 0]);
    expect(await forgotten.other.begin(request)).toMatchObject({ outcome: 'started' });
  });

  it('is held again after a store that was away', async () => {
    let away: 'away' | 'there' = 'away';
    const { pass, started, other, errors } = await rig((store) => ({ ...store, renew: async (claim) => (away === 'away' ? await Promise.reject(new Error('away')) : await store.renew(claim)) }));
    await started();
    await pass(2);
    away = 'there';
    await pass(6);
    expect(errors).toEqual([new Error('away'), new Error('away')]);
    expect(await other.begin(request)).toMatchObject({ outcome: 'in-flight' });
  });
});
