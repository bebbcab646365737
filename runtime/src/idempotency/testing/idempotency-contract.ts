import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { IdempotencyClaim, IdempotencyLimits, IdempotencyStore, StoredResponse } from '../idempotency-store.ts';

const limits: IdempotencyLimits = { keepMs: 10_000, leaseMs: 1_000, maxBodyLength: 50 };
const request = { scope: 'tenant-a/invoke', key: 'k1', fingerprint: 'f1' };
const response: StoredResponse = { status: 200, headers: { 'content-type': 'application/json' }, body: '{"answer":"42"}' };

export interface IdempotencyRig {
  readonly store: IdempotencyStore;
  readonly clock: { readonly advance: (milliseconds: number) => void };
  readonly close: () => Promise<void>;
}

/** What every store of idempotency keys does. */
export function describeIdempotencyStore(name: string, open: (limits: IdempotencyLimits) => Promise<IdempotencyRig>): void {
  describe(`idempotency keys in ${name}`, () => {
    let rig: IdempotencyRig;
    let store: IdempotencyStore;
    beforeEach(async () => {
      rig = await open(limits);
      store = rig.store;
    });
    afterEach(async () => rig.close());

    const started = async (): Promise<IdempotencyClaim> => {
      const begun = await store.begin(request);
      if (begun.outcome !== 'started') throw new Error(`expected to start, and it is ${begun.outcome}`);
      return begun.claim;
    };

    it('replays a stored response', async () => {
      expect(await store.complete(await started(), response)).toBe('stored');
      expect(await store.begin(request)).toEqual({ outcome: 'replay', response });
      expect(await store.begin({ ...request, fingerprint: 'f2' })).toEqual({ outcome: 'other-payload' });
    });

    it('says that it is in flight, and for how long at most', async () => {
      await started();
      rig.clock.advance(400);
      expect(await store.begin(request)).toEqual({ outcome: 'in-flight', retryAfterMs: 600 });
      expect(await store.begin({ ...request, fingerprint: 'f2' })).toEqual({ outcome: 'other-payload' });
    });

    it('keeps keys of another scope apart', async () => {
      await started();
      expect(await store.begin({ ...request, scope: 'tenant-b/invoke', fingerprint: 'f2' })).toMatchObject({ outcome: 'started' });
    });

    it('takes a key of another who has the same name for that of another request, whether it is answered or not', async () => {
      const [byKey, byToken] = [{ ...request, authority: 'keys' }, { ...request, authority: 'issuer https://id.example.com' }];
      const begun = await store.begin(byKey);
      expect(begun).toMatchObject({ outcome: 'started' });
      expect(await store.begin(byToken)).toEqual({ outcome: 'other-payload' });
      expect(await store.begin(byKey)).toMatchObject({ outcome: 'in-flight' });
      if (begun.outcome === 'started') await store.complete(begun.claim, response);
      expect(await store.begin(byToken)).toEqual({ outcome: 'other-payload' });
      // An older version that runs beside this one names nobody; neither makes the work twice.
      expect(await store.begin(request)).toEqual({ outcome: 'replay', response });
      expect(await store.begin(byKey)).toEqual({ outcome: 'replay', response });
    });

    it('does not let another who has the same name begin what was lost', async () => {
      await store.begin({ ...request, authority: 'keys' });
      rig.clock.advance(1_000);
      expect(await store.begin({ ...request, authority: 'issuer https://id.example.com' })).toEqual({ outcome: 'other-payload' });
      expect(await store.begin({ ...request, authority: 'keys' })).toMatchObject({ outcome: 'started' });
    });

    it('lets one of many begin who come at once', async () => {
      const begun = await Promise.all(Array.from({ length: 8 }, async () => store.begin(request)));
      expect(begun.filter(({ outcome }) => outcome === 'started')).toHaveLength(1);
      expect(begun.filter(({ outcome }) => outcome === 'in-flight')).toHaveLength(7);
    });

    it('lets another begin what was lost, and hears nothing of the lost one any more', async () => {
      const lost = await started();
      rig.clock.advance(1_000);
      expect(await store.begin({ ...request, fingerprint: 'f2' })).toEqual({ outcome: 'other-payload' });
      const claim = await started();
      expect(claim.fence).toBeGreaterThan(lost.fence);
      expect(await store.renew(lost)).toBe('lost');
      expect(await store.complete(lost, { ...response, body: 'stale' })).toBe('lost');
      expect(await store.release(lost)).toBe('lost');
      expect(await store.complete(claim, response)).toBe('stored');
      expect(await store.begin(request)).toEqual({ outcome: 'replay', response });
    });

    it('stays with work that is renewed', async () => {
      const claim = await started();
      for (let beat = 0; beat < 15; beat += 1) {
        rig.clock.advance(900);
        expect(await store.renew(claim)).toBe('renewed');
      }
      expect(await store.begin(request)).toMatchObject({ outcome: 'in-flight' });
      expect(await store.complete(claim, response)).toBe('stored');
    });

    it('frees a key whose work came to nothing, also for another payload', async () => {
      const first = await started();
      expect(await store.release(first)).toBe('released');
      expect(await store.release(first)).toBe('lost');
      expect(await store.prune()).toBe(0);
      expect(await store.begin({ ...request, fingerprint: 'f2' })).toMatchObject({ outcome: 'started' });
      expect(await store.complete(first, response)).toBe('lost');
    });

    it('tells further tries of the same request the id of the first, and those of another request their own', async () => {
      const idOf = async (changes: object): Promise<string | undefined> => {
        const begun = await store.begin({ ...request, ...changes });
        if (begun.outcome !== 'started') throw new Error(`expected to start, and it is ${begun.outcome}`);
        await store.release(begun.claim);
        return begun.claim.firstRequestId;
      };
      expect(await idOf({ requestId: 'r-1' })).toBe('r-1');
      expect(await idOf({ requestId: 'r-2' })).toBe('r-1');
      expect(await idOf({})).toBe('r-1');
      await store.begin({ ...request, requestId: 'r-3' });
      rig.clock.advance(1_000);
      expect(await idOf({ requestId: 'r-4' })).toBe('r-1');
      expect(await idOf({ requestId: 'r-5', fingerprint: 'f2' })).toBe('r-5');
      expect(await idOf({ requestId: 'r-6', fingerprint: 'f2', authority: 'keys' })).toBe('r-5');
      expect(await idOf({ requestId: 'r-7', fingerprint: 'f2', authority: 'issuer https://id.example.com' })).toBe('r-7');
      rig.clock.advance(10_000);
      expect(await idOf({ requestId: 'r-8', fingerprint: 'f2' })).toBe('r-8');
    });

    it('keeps no response that is too large', async () => {
      expect(await store.complete(await started(), { ...response, body: 'x'.repeat(51) })).toBe('too-large');
      expect(await store.begin(request)).toMatchObject({ outcome: 'started' });
    });

    it('forgets a response when its time is over', async () => {
      await store.complete(await started(), response);
      rig.clock.advance(9_999);
      expect(await store.begin(request)).toMatchObject({ outcome: 'replay' });
      expect(await store.prune()).toBe(0);
      rig.clock.advance(1);
      expect(await store.begin({ ...request, fingerprint: 'f2' })).toMatchObject({ outcome: 'started' });
      rig.clock.advance(20_000);
      expect(await store.prune()).toBe(1);
    });
  });
}
