import { added, isWithin, nothing, type Amount } from '../../budgets/amount.ts';
import type { Account, Ledger, Reservation, Reserved, ReserveRequest } from '../../budgets/ledger.ts';
import type { Random } from '../../platform/random.ts';
import { pruneBatch } from '../prune-all.ts';
import { flag, integer, json } from '../sql/row.ts';
import type { SqlDatabase, SqlRow, SqlTransaction } from '../sql/sql-database.ts';
import { StoreError } from '../store-error.ts';

/** Charged in one transaction at most; the rest follows with the next. */
const BATCH = 100;

/** An account without room, and what is spent or reserved of it. */
interface Full {
  readonly account: string;
  readonly used: Amount;
}

/** Ends a transaction that has charged some accounts already. */
class NoRoom extends Error {
  readonly account: string;
  readonly used: Amount;

  constructor({ account, used }: Full) {
    super('a budget has no room');
    this.account = account;
    this.used = used;
  }
}

/** Always in one order, so that two who charge the same accounts do not wait for each other. */
function inOrder(ids: readonly string[]): readonly string[] {
  return ids.toSorted();
}

function amountOf(row: SqlRow, kind: 'spent' | 'reserved'): Amount {
  return { tokens: integer(row, `${kind}_tokens`), microDollars: integer(row, `${kind}_micro_dollars`) };
}

async function balance(transaction: SqlTransaction, account: string): Promise<{ readonly spent: Amount; readonly reserved: Amount }> {
  const [row] = await transaction.rows('SELECT * FROM budget_accounts WHERE id = $1', [account]);
  return row === undefined ? { spent: nothing, reserved: nothing } : { spent: amountOf(row, 'spent'), reserved: amountOf(row, 'reserved') };
}

async function usedOf(transaction: SqlTransaction, account: string): Promise<Amount> {
  const { spent, reserved } = await balance(transaction, account);
  return added(spent, reserved);
}

/** Nobody knows what a call cost whose process died, so it is taken to have cost all that was reserved: a limit is not passed by what is not known. One that was never begun cost nothing. */
async function chargeLapsed(transaction: SqlTransaction): Promise<void> {
  const lapsed = await transaction.rows('DELETE FROM budget_reservations WHERE expires_at <= $1 AND id IN (SELECT id FROM budget_reservations WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2) RETURNING *', [transaction.now, BATCH]);
  for (const row of lapsed) await release(transaction, row, row['unsent'] !== null && flag(row, 'unsent') ? nothing : { tokens: integer(row, 'tokens'), microDollars: integer(row, 'micro_dollars') });
}

async function release(transaction: SqlTransaction, reservation: SqlRow, spent: Amount): Promise<void> {
  for (const id of inOrder(json(reservation, 'accounts') as readonly string[])) {
    await transaction.rows(
      `UPDATE budget_accounts SET reserved_tokens = reserved_tokens - $2, reserved_micro_dollars = reserved_micro_dollars - $3,
         spent_tokens = spent_tokens + $4, spent_micro_dollars = spent_micro_dollars + $5 WHERE id = $1`,
      [id, integer(reservation, 'tokens'), integer(reservation, 'micro_dollars'), spent.tokens, spent.microDollars],
    );
  }
}

async function charge(transaction: SqlTransaction, { id, limit, endsAt }: Account, { tokens, microDollars }: Amount): Promise<'charged' | 'no-room'> {
  await transaction.rows('INSERT INTO budget_accounts (id, ends_at) VALUES ($1, $2) ON CONFLICT (id) DO NOTHING', [id, endsAt]);
  const rows = await transaction.rows(
    `UPDATE budget_accounts SET reserved_tokens = reserved_tokens + $2, reserved_micro_dollars = reserved_micro_dollars + $3
     WHERE id = $1 AND spent_tokens + reserved_tokens + $2 <= $4 AND spent_micro_dollars + reserved_micro_dollars + $3 <= $5 RETURNING id`,
    [id, tokens, microDollars, limit.tokens ?? Number.MAX_SAFE_INTEGER, limit.microDollars ?? Number.MAX_SAFE_INTEGER],
  );
  return rows.length === 0 ? 'no-room' : 'charged';
}

/** The first in the order of asking: some of those before have been charged by this transaction, and had room. */
async function firstWithoutRoom(transaction: SqlTransaction, { accounts, amount }: ReserveRequest, charged: ReadonlySet<string>): Promise<Full | undefined> {
  for (const account of accounts) {
    if (charged.has(account.id)) continue;
    const used = await usedOf(transaction, account.id);
    if (!isWithin(added(used, amount), account.limit)) return { account: account.id, used };
  }
  return undefined;
}

async function reserve(transaction: SqlTransaction, request: ReserveRequest, id: string): Promise<Reservation> {
  const { accounts, amount, ttlMilliseconds, lapses } = request;
  await chargeLapsed(transaction);
  const charged = new Set<string>();
  for (const account of accounts.toSorted((left, right) => (left.id < right.id ? -1 : 1))) {
    if ((await charge(transaction, account, amount)) === 'no-room') throw new NoRoom((await firstWithoutRoom(transaction, request, charged)) ?? { account: account.id, used: await usedOf(transaction, account.id) });
    charged.add(account.id);
  }
  await transaction.rows('INSERT INTO budget_reservations (id, accounts, tokens, micro_dollars, expires_at, unsent) VALUES ($1, $2, $3, $4, $5, $6)', [
    id,
    JSON.stringify(accounts.map((account) => account.id)),
    amount.tokens,
    amount.microDollars,
    transaction.now + ttlMilliseconds,
    lapses === 'given-back',
  ]);
  return { id, accounts, amount };
}

/** Keeps a reservation for longer, from now on for what may be begun: together with what is kept of that, in one transaction. Throws StoreError when it has lapsed. */
export async function keepReservation(transaction: SqlTransaction, { id }: Reservation, ttlMilliseconds: number): Promise<void> {
  const rows = await transaction.rows('UPDATE budget_reservations SET expires_at = $2, unsent = FALSE WHERE id = $1 RETURNING id', [id, transaction.now + ttlMilliseconds]);
  if (rows.length === 0) throw new StoreError('unavailable', 'what was reserved for a call has lapsed before the call was kept');
}

async function settle(transaction: SqlTransaction, { id }: Reservation, spent: Amount): Promise<void> {
  const [row] = await transaction.rows('DELETE FROM budget_reservations WHERE id = $1 RETURNING *', [id]);
  if (row !== undefined) await release(transaction, row, spent);
}

/** Columns hold whole numbers; rounding up never lets more through. */
function whole({ tokens, microDollars }: Amount): Amount {
  return { tokens: Math.ceil(tokens), microDollars: Math.ceil(microDollars) };
}

/** The ledger of all replicas of an agent. `prune` forgets accounts that have ended; it gives their number. */
export function createSqlLedger(database: SqlDatabase, random: Pick<Random, 'id'>): Ledger & { readonly prune: () => Promise<number> } {
  return {
    reserve: async (request): Promise<Reserved> => {
      try {
        const reservation = await database.transaction((transaction) => reserve(transaction, { ...request, amount: whole(request.amount) }, random.id()));
        return { kind: 'reserved', reservation };
      } catch (error) {
        if (error instanceof NoRoom) return { kind: 'refused', account: error.account, used: error.used };
        throw error;
      }
    },
    settle: (reservation, spent) => database.transaction((transaction) => settle(transaction, reservation, whole(spent))),
    read: (account) => database.transaction((transaction) => balance(transaction, account)),
    prune: () =>
      database.transaction(async (transaction) => {
        await chargeLapsed(transaction);
        const ended = 'ends_at <= $1 AND reserved_tokens = 0 AND reserved_micro_dollars = 0';
        const gone = await transaction.rows(`DELETE FROM budget_accounts WHERE ${ended} AND id IN (SELECT id FROM budget_accounts WHERE ${ended} LIMIT $2) RETURNING id`, [transaction.now, pruneBatch]);
        return gone.length;
      }),
  };
}
