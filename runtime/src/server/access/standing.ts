import type { Caller } from '../../approvals/caller.ts';
import type { AccessFile, ApiKey } from './access-file.ts';
import { accountsAuthority, issuerAuthority, keysAuthority } from './authorities.ts';
import { accountOf } from './tokens.ts';

/** Time in milliseconds since 1970. */
export function isInForce({ expiresAt }: Pick<ApiKey, 'expiresAt'>, now: number): boolean {
  return expiresAt === undefined || Date.parse(expiresAt) > now;
}

function withRoles(caller: Caller, roles: readonly string[]): Caller {
  return { ...caller, roles: caller.roles.filter((role) => roles.includes(role)) };
}

/**
 * A caller whose request was taken in earlier, as the file knows it now: with the roles that it still has; undefined where it is not known any more. Of tokens
 * nobody says that they are revoked: their issuer must still be one. Who was kept by a version that did not keep who vouched stays as it was.
 */
export function standingIn({ keys, issuers, serviceAccounts }: AccessFile, caller: Caller, now: number): Caller | undefined {
  const { tenant, subject, authority } = caller;
  if (authority === undefined) return caller;
  if (authority === keysAuthority) {
    const own = keys.filter((key) => key.tenant === tenant && (key.subject ?? key.id) === subject && isInForce(key, now));
    return own.length === 0 ? undefined : withRoles(caller, own.flatMap(({ roles }) => roles));
  }
  if (serviceAccounts !== undefined && authority === accountsAuthority(serviceAccounts.issuer)) {
    const account = accountOf(serviceAccounts, subject);
    return account === undefined || (account.tenant ?? account.namespace) !== tenant ? undefined : withRoles(caller, account.roles);
  }
  return issuers.some((issuer) => authority === issuerAuthority(issuer.issuer) && (issuer.tenant ?? tenant) === tenant) ? caller : undefined;
}
