import { isSameOwner, type Owner } from '../store/owner.ts';

/** For whom a request is answered. */
export interface Caller extends Owner {
  readonly roles: readonly string[];
}

/** Who has not been told apart from others: without roles, so nothing that needs one is open. */
export const anonymous: Caller = { tenant: 'default', subject: 'anonymous', authority: 'nobody', roles: [] };

/** Also of one that was kept in a store and read again. */
export function isAnonymous(caller: Caller): boolean {
  return isSameOwner(caller, anonymous);
}
