/** For whom a request is answered. */
export interface Caller {
  readonly tenant: string;
  /** The user or the service that asked. */
  readonly subject: string;
  readonly roles: readonly string[];
}

/** Who has not been told apart from others: without roles, so nothing that needs one is open. */
export const anonymous: Caller = { tenant: 'default', subject: 'anonymous', roles: [] };

/** Also of one that was kept in a store and read again. */
export function isAnonymous({ tenant, subject }: Caller): boolean {
  return tenant === anonymous.tenant && subject === anonymous.subject;
}
