import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isWithin, added, nothing, type Amount } from '../../budgets/amount.ts';
import type { Account, Ledger, Reserved } from '../../budgets/ledger.ts';

export interface LedgerRig {
  readonly ledger: Ledger;
  readonly clock: { readonly advance: (milliseconds: number) => void };
  readonly close: () => Promise<void>;
}

function account(id: string, tokens?: number, microDollars?: number): Account {
  return { id, limit: { tokens, microDollars }, endsAt: Date.UTC(2026, 0, 2) };
}

function amount(tokens: number, microDollars = 0): Amount {
  return { tokens, microDollars };
}

/** What every ledger of budgets does. */
export function describeLedger(name: string, openRig: () => Promise<LedgerRig>): void {
  describe(`budgets in ${name}`, () => {
    let rig: LedgerRig;
    beforeEach(async () => {
      rig = await openRig();
    });
    afterEach(async () => rig.close());
    const reserve = async (accounts: readonly Account[], wanted: Amount): Promise<Reserved> => rig.ledger.reserve({ accounts, amount: wanted, ttlMilliseconds: 1_000 });

    it('reserves on all accounts or on none, and names the first that has no room', async () => {
      const accounts = [account('z', 100), account('b', 10), account('a', 5)];
      expect(await reserve(accounts, amount(11))).toEqual({ kind: 'refused', account: 'b', used: nothing });
      for (const id of ['z', 'b', 'a']) expect(await rig.ledger.read(id)).toEqual({ spent: nothing, reserved: nothing });
      expect(await reserve(accounts, amount(5))).toMatchObject({ kind: 'reserved' });
      expect(await reserve(accounts, amount(1))).toMatchObject({ kind: 'refused', account: 'a' });
      expect(await rig.ledger.read('z')).toEqual({ spent: nothing, reserved: amount(5) });
    });

    it('counts what is reserved until it is settled, in tokens as in dollars', async () => {
      for (const [id, one] of [['t', amount(30)], ['d', amount(0, 30)]] as const) {
        const limited = [account(id, 100, 100)];
        for (let call = 0; call < 3; call += 1) expect(await reserve(limited, one)).toMatchObject({ kind: 'reserved' });
        expect(await reserve(limited, one)).toEqual({ kind: 'refused', account: id, used: amount(one.tokens * 3, one.microDollars * 3) });
      }
    });

    it('charges what was spent once, gives the rest back, and charges more than was reserved all the same', async () => {
      const first = await reserve([account('a', 100)], amount(60, 9));
      if (first.kind === 'refused') throw new Error('there was room');
      await rig.ledger.settle(first.reservation, amount(20, 4));
      await rig.ledger.settle(first.reservation, amount(20, 4));
      expect(await rig.ledger.read('a')).toEqual({ spent: amount(20, 4), reserved: nothing });
      const second = await reserve([account('a', 100)], amount(10));
      if (second.kind === 'refused') throw new Error('there was room');
      await rig.ledger.settle(second.reservation, amount(90));
      expect(await rig.ledger.read('a')).toMatchObject({ spent: amount(110, 4) });
      expect(await reserve([account('a', 100)], amount(1))).toEqual({ kind: 'refused', account: 'a', used: amount(110, 4) });
    });

    it('charges in full the reservation of one who died, as nobody knows what the call cost', async () => {
      const accounts = [account('a', 100), account('b', undefined, 100)];
      const first = await reserve(accounts, amount(60, 60));
      expect(await reserve(accounts, amount(60, 60))).toMatchObject({ kind: 'refused' });
      rig.clock.advance(1_000);
      expect(await reserve(accounts, amount(41, 1))).toMatchObject({ kind: 'refused', account: 'a' });
      expect(await reserve(accounts, amount(1, 41))).toMatchObject({ kind: 'refused', account: 'b' });
      expect(await reserve(accounts, amount(40, 40))).toMatchObject({ kind: 'reserved' });
      // Who was only slow, and settles after all, charges nothing more.
      if (first.kind === 'reserved') await rig.ledger.settle(first.reservation, amount(50, 50));
      for (const id of ['a', 'b']) expect(await rig.ledger.read(id)).toEqual({ spent: amount(60, 60), reserved: amount(40, 40) });
    });

    it('gives back what was reserved by one who died before it was begun', async () => {
      await rig.ledger.reserve({ accounts: [account('a', 100)], amount: amount(60, 6), ttlMilliseconds: 1_000, lapses: 'given-back' });
      expect(await rig.ledger.read('a')).toEqual({ spent: nothing, reserved: amount(60, 6) });
      rig.clock.advance(999);
      expect(await reserve([account('a', 100)], amount(60))).toMatchObject({ kind: 'refused', account: 'a' });
      rig.clock.advance(1);
      expect(await reserve([account('a', 100)], amount(60))).toMatchObject({ kind: 'reserved' });
      expect(await rig.ledger.read('a')).toEqual({ spent: nothing, reserved: amount(60) });
    });

    it('holds its limits however many reserve and settle at once', async () => {
      const day = account('day', 200);
      const outcomes = await Promise.all(
        Array.from({ length: 40 }, async (_unused, index) => {
          const reserved = await reserve([day, account(`tenant-${index % 3}`, 90)], amount(10));
          const { spent, reserved: open } = await rig.ledger.read('day');
          expect(isWithin(added(spent, open), day.limit)).toBe(true);
          if (reserved.kind === 'reserved' && index % 2 === 0) await rig.ledger.settle(reserved.reservation, amount(10));
          return reserved.kind;
        }),
      );
      expect(outcomes.filter((kind) => kind === 'reserved')).toHaveLength(20);
      const { spent, reserved } = await rig.ledger.read('day');
      expect(added(spent, reserved)).toEqual(amount(200));
    });
  });
}
