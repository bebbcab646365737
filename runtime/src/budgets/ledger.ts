import type { Amount, Limit } from './amount.ts';

/** One budget that amounts are charged to, such as that of a tenant for a day. */
export interface Account {
  readonly id: string;
  readonly limit: Limit;
  /** When nobody charges it any more, in milliseconds since 1970: a ledger may forget it then. */
  readonly endsAt: number;
}

export interface ReserveRequest {
  /** All of them or none is charged. */
  readonly accounts: readonly Account[];
  readonly amount: Amount;
  /** How long the reservation stands when nobody settles it, in milliseconds. That of a process that died is then charged in full, as nobody knows what its call cost. */
  readonly ttlMilliseconds: number;
  /** `given-back`: of what is not begun until the reservation is kept for longer. Not set: charged. */
  readonly lapses?: 'charged' | 'given-back' | undefined;
}

export interface Reservation {
  readonly id: string;
  readonly accounts: readonly Account[];
  readonly amount: Amount;
}

export type Reserved = { readonly kind: 'reserved'; readonly reservation: Reservation } | { readonly kind: 'refused'; /** Id of the first account that has no room. */ readonly account: string; /** What is spent or reserved of it. */ readonly used: Amount };

/**
 * Who may spend how much. What was spent and what is reserved never passes the limit of an account, however many reserve at once, as
 * long as nobody settles more than was reserved; one who does is charged all the same, and those after pay for it.
 */
export interface Ledger {
  readonly reserve: (request: ReserveRequest) => Promise<Reserved>;
  /** Charges what was really spent in the place of the reservation. Settling twice charges once. */
  readonly settle: (reservation: Reservation, spent: Amount) => Promise<void>;
  /** What an account has spent and what is reserved of it. */
  readonly read: (account: string) => Promise<{ readonly spent: Amount; readonly reserved: Amount }>;
}
