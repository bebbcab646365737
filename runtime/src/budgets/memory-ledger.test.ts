import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createFakeWallClock } from '../platform/wall-clock-fake.ts';
import type { ModelCaller } from '../providers/model-client.ts';
import { added, isWithin, microDollarsOf, nothing, type Amount } from './amount.ts';
import type { Account, Reservation } from './ledger.ts';
import { accountsFor } from './budget-accounts.ts';
import { createMemoryLedger } from './memory-ledger.ts';

function setUp() {
  const clock = createFakeWallClock();
  let ids = 0;
  return { clock, ledger: createMemoryLedger({ clock, random: { id: () => `id-${(ids += 1)}` } }) };
}

function account(id: string, tokens?: number, microDollars?: number): Account {
  return { id, limit: { tokens, microDollars }, endsAt: Date.UTC(2026, 0, 2) };
}

function amount(tokens: number, microDollars = 0): Amount {
  return { tokens, microDollars };
}

describe('the ledger', () => {
  it('reserves on all accounts or on none', async () => {
    const { ledger } = setUp();
    const accounts = [account('a', 100), account('b', 10)];
    expect(await ledger.reserve({ accounts, amount: amount(11), ttlMilliseconds: 1_000 })).toMatchObject({ kind: 'refused', account: 'b' });
    expect(await ledger.read('a')).toEqual({ spent: nothing, reserved: nothing });
    expect(await ledger.reserve({ accounts, amount: amount(10), ttlMilliseconds: 1_000 })).toMatchObject({ kind: 'reserved' });
    expect(await ledger.reserve({ accounts, amount: amount(1), ttlMilliseconds: 1_000 })).toMatchObject({ kind: 'refused', account: 'b' });
  });

  it('charges once what was spent, and gives the rest back', async () => {
    const { ledger } = setUp();
    const reserved = await ledger.reserve({ accounts: [account('a', 100)], amount: amount(60), ttlMilliseconds: 1_000 });
    if (reserved.kind === 'refused') throw new Error('there was room');
    await ledger.settle(reserved.reservation, amount(20));
    await ledger.settle(reserved.reservation, amount(20));
    expect(await ledger.read('a')).toEqual({ spent: amount(20), reserved: nothing });
  });

  it('charges in full the reservation of one who died, as nobody knows what the call cost', async () => {
    const { ledger, clock } = setUp();
    const request = { accounts: [account('a', 100)], amount: amount(60), ttlMilliseconds: 1_000 };
    await ledger.reserve(request);
    expect((await ledger.reserve(request)).kind).toBe('refused');
    clock.advance(1_000);
    expect((await ledger.reserve(request)).kind).toBe('refused');
    expect((await ledger.reserve({ ...request, amount: amount(40) })).kind).toBe('reserved');
    expect(await ledger.read('a')).toEqual({ spent: amount(60), reserved: amount(40) });
  });

  it('charges a copy of a request to the agent, and not to its tenant or to its original', () => {
    const charged = (caller: ModelCaller) => accountsFor({ budgets: { perRequest: { maxTokens: 1 }, perTenantPerDay: { maxTokens: 1 }, perDay: { maxTokens: 1 } }, scope: 's', callMilliseconds: 1 }, caller, 0).map(({ id }) => id);
    const original = charged({ requestId: 'r', tenant: 'shop', payer: 'shop' });
    expect(original).toEqual(['s/request/["shop","r"]', 's/tenant/0/shop', 's/day/0']);
    expect(charged({ requestId: 'r', tenant: 'shop', payer: 'shop', traffic: 'copy' })).toEqual(['s/copy/["shop","r"]', 's/day/0']);
  });

  it('forgets accounts of requests that have ended, also of a process that never rests', async () => {
    const { ledger, clock } = setUp();
    const perSecond = 50;
    for (let call = 0; call < 20_000; call += 1) {
      const [own] = accountsFor({ budgets: { perRequest: { maxTokens: 100 } }, scope: 'shop/support', callMilliseconds: 60_000 }, { requestId: `r-${call}` }, clock.now());
      if (own === undefined) throw new Error('the request has an account');
      const reserved = await ledger.reserve({ accounts: [own], amount: amount(60), ttlMilliseconds: 120_000 });
      if (reserved.kind === 'reserved') await ledger.settle(reserved.reservation, amount(20));
      clock.advance(1_000 / perSecond);
    }
    expect(ledger.size()).toBeLessThan(perSecond * 120 + 1_100);
  });

  it('charges the tries of a job to one account for longer than those of a request', () => {
    const of = (tries: 'several' | undefined, callMilliseconds: number) => accountsFor({ budgets: { perRequest: { maxTokens: 100 } }, scope: 's', callMilliseconds }, { requestId: 'r', tries }, 0)[0]?.endsAt;
    expect([of(undefined, 1_000), of(undefined, 3_600_000), of('several', 1_000)]).toEqual([120_000, 7_200_000, 7_200_000]);
  });

  it('holds limits of dollars to the millionth', async () => {
    const { ledger } = setUp();
    const request = { accounts: [account('a', undefined, 1_000_000)], amount: amount(1, microDollarsOf(0.1)), ttlMilliseconds: 1_000 };
    const kinds: string[] = [];
    for (let call = 0; call < 11; call += 1) kinds.push((await ledger.reserve(request)).kind);
    expect(kinds.filter((kind) => kind === 'reserved')).toHaveLength(10);
    expect([0.000_000_1, 0.000_001, 0.1 + 0.2].map(microDollarsOf)).toEqual([1, 1, 300_000]);
  });

  it('forgets accounts that have ended', async () => {
    const { ledger, clock } = setUp();
    for (let tenant = 0; tenant < 900; tenant += 1) {
      const reserved = await ledger.reserve({ accounts: [account(`t-${tenant}`, 100)], amount: amount(1), ttlMilliseconds: 10 });
      if (reserved.kind === 'reserved') await ledger.settle(reserved.reservation, amount(1));
    }
    clock.advance(86_400_000);
    for (let call = 0; call < 200; call += 1) await ledger.reserve({ accounts: [{ ...account('next', 1_000), endsAt: Date.UTC(2026, 0, 3) }], amount: amount(1), ttlMilliseconds: 10 });
    expect(ledger.size()).toBe(1);
  });
});

/** What one of many does at the same time as the others. */
const action = fc.record({
  tenant: fc.constantFrom('t1', 't2'),
  reserve: fc.record({ tokens: fc.integer({ min: 1, max: 40 }), microDollars: fc.integer({ min: 0, max: 40 }) }),
  /** Of what was reserved; undefined: it dies and settles nothing. */
  spends: fc.option(fc.double({ min: 0, max: 1, noNaN: true }), { nil: undefined }),
  turns: fc.nat(5),
});

it('whatever many do at once, what is spent and reserved never passes a limit, and nothing is lost', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(action, { maxLength: 60 }), async (actions) => {
      const { ledger } = setUp();
      const limits = { all: { tokens: 200, microDollars: 150 }, t1: { tokens: 90, microDollars: undefined }, t2: { tokens: undefined, microDollars: 60 } };
      const check = async (): Promise<void> => {
        for (const [id, limit] of Object.entries(limits)) {
          const { spent, reserved } = await ledger.read(id);
          expect(isWithin(added(spent, reserved), limit)).toBe(true);
        }
      };
      const settled: { readonly reservation: Reservation; readonly spent: Amount }[] = [];
      await Promise.all(
        actions.map(async ({ tenant, reserve, spends, turns }) => {
          const accounts: Account[] = [account('all', limits.all.tokens, limits.all.microDollars), { ...account(tenant), limit: tenant === 't1' ? limits.t1 : limits.t2 }];
          const reserved = await ledger.reserve({ accounts, amount: reserve, ttlMilliseconds: 1_000 });
          await check();
          for (let turn = 0; turn < turns; turn += 1) await Promise.resolve();
          if (reserved.kind === 'refused' || spends === undefined) return;
          const spent = amount(Math.floor(reserve.tokens * spends), Math.floor(reserve.microDollars * spends));
          await ledger.settle(reserved.reservation, spent);
          settled.push({ reservation: reserved.reservation, spent });
          await check();
        }),
      );
      const total = settled.reduce((sum, { spent }) => added(sum, spent), nothing);
      expect((await ledger.read('all')).spent).toEqual(total);
    }),
    { numRuns: 200 },
  );
});
