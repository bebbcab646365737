import { createHash } from 'node:crypto';
import type { Caller } from '../../approvals/caller.ts';
import type { WallClock } from '../../platform/wall-clock.ts';
import { Unauthenticated } from '../request-problems.ts';
import type { ApiKey } from './access-file.ts';
import { keysAuthority } from './authorities.ts';
import { isInForce } from './standing.ts';

/** Keys are random, so a plain digest hides them; looking one up by its digest takes as long for a wrong key as for a right one. */
export function digestOfKey(key: string): string {
  return createHash('sha256').update(key).digest('hex');
}

export type FindKey = (key: string) => Caller | undefined;

/** Finds whose key it is; undefined for one that is not known. Throws Unauthenticated for one that has expired. */
export function createKeyFinder(keys: readonly ApiKey[], clock: WallClock): FindKey {
  const byDigest = new Map(keys.map((key) => [key.sha256, key]));
  return (text) => {
    const key = byDigest.get(digestOfKey(text));
    if (key === undefined) return undefined;
    const { id, tenant, subject = id, roles } = key;
    if (!isInForce(key, clock.now())) throw new Unauthenticated('The key has expired', { refusal: { reason: 'expired_key' } });
    return { tenant, subject, authority: keysAuthority, roles };
  };
}
