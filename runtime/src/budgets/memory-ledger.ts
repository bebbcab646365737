import type { Random } from '../platform/random.ts';
import type { WallClock } from '../platform/wall-clock.ts';
import { added, isWithin, nothing, subtracted, type Amount } from './amount.ts';
import type { Account, Ledger, Reservation } from './ledger.ts';

interface Book {
  spent: Amount;
  reserved: Amount;
  readonly endsAt: number;
}

interface Open {
  readonly reservation: Reservation;
  readonly expiresAt: number;
  readonly charged: Amount;
}

export interface MemoryLedgerOptions {
  readonly clock: WallClock;
  readonly random: Pick<Random, 'id'>;
}

/** How many reservations pass between two looks for accounts that have ended. */
const sweepEvery = 1_000;

/** The ledger of one process. Its accounts are forgotten when they end, so it holds as many as have been charged lately. */
export function createMemoryLedger({ clock, random }: MemoryLedgerOptions): Ledger & { readonly size: () => number } {
  const books = new Map<string, Book>();
  const open = new Map<string, Open>();
  let reservations = 0;

  const bookOf = ({ id, endsAt }: Account): Book => {
    const known = books.get(id);
    if (known !== undefined) return known;
    const book: Book = { spent: nothing, reserved: nothing, endsAt };
    books.set(id, book);
    return book;
  };
  const usedOf = (id: string): Amount => {
    const { spent, reserved } = books.get(id) ?? { spent: nothing, reserved: nothing };
    return added(spent, reserved);
  };
  const close = ({ id, accounts, amount }: Reservation): boolean => {
    if (!open.delete(id)) return false;
    for (const account of accounts) {
      const book = books.get(account.id);
      if (book !== undefined) book.reserved = subtracted(book.reserved, amount);
    }
    return true;
  };
  const settle = (reservation: Reservation, spent: Amount): void => {
    if (!close(reservation)) return;
    for (const account of reservation.accounts) {
      const book = bookOf(account);
      book.spent = added(book.spent, spent);
    }
  };
  const sweep = (now: number): void => {
    for (const { reservation, expiresAt, charged } of open.values()) if (expiresAt <= now) settle(reservation, charged);
    reservations += 1;
    if (reservations % sweepEvery !== 0) return;
    for (const [id, { endsAt, reserved }] of books) if (endsAt <= now && reserved.tokens === 0) books.delete(id);
  };
  return {
    reserve: async ({ accounts, amount, ttlMilliseconds, lapses }) => {
      const now = clock.now();
      sweep(now);
      const full = accounts.find((account) => !isWithin(added(usedOf(account.id), amount), account.limit));
      if (full !== undefined) return { kind: 'refused', account: full.id, used: usedOf(full.id) };
      const reservation: Reservation = { id: random.id(), accounts, amount };
      for (const account of accounts) {
        const book = bookOf(account);
        book.reserved = added(book.reserved, amount);
      }
      open.set(reservation.id, { reservation, expiresAt: now + ttlMilliseconds, charged: lapses === 'given-back' ? nothing : amount });
      return { kind: 'reserved', reservation };
    },
    settle: async (reservation, spent) => settle(reservation, spent),
    read: async (account) => {
      const { spent, reserved } = books.get(account) ?? { spent: nothing, reserved: nothing };
      return { spent, reserved };
    },
    size: () => books.size,
  };
}
