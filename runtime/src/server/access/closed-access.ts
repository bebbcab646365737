import type { IncomingHttpHeaders } from 'node:http';
import type { Reloaded } from '../../config/live/live-file.ts';
import type { Clock } from '../../platform/clock.ts';
import type { WallClock } from '../../platform/wall-clock.ts';
import { Unauthenticated } from '../request-problems.ts';
import type { Access, TenantPolicy } from './access.ts';
import type { AccessFile } from './access-file.ts';
import { createKeyFinder, type FindKey } from './api-keys.ts';
import { createIssuerKeys } from './issuer-keys.ts';
import { standingIn } from './standing.ts';
import { createTokenVerifier, type VerifyToken } from './tokens.ts';

export interface ClosedAccessOptions {
  /** What the file holds now, or `same` since it was read last. Throws when it cannot be used. */
  readonly read: () => AccessFile | 'same';
  readonly clock: Clock;
  readonly wallClock: WallClock;
  /** Told of a file that cannot be used any more; what was read before stays in force. */
  readonly onError: (error: unknown) => void;
}

/** A change of the file is in force after this time at most. */
export const reloadMilliseconds = 5_000;

const minuteMilliseconds = 60_000;

interface Rules {
  readonly file: AccessFile;
  readonly findKey: FindKey;
  readonly verify: VerifyToken;
}

/** Clients of OpenAI and our own send `Authorization: Bearer`; some gateways pass `X-API-Key` alone. */
function credentialOf(headers: IncomingHttpHeaders): string | undefined {
  const bearer = /^bearer +(\S+)$/i.exec(headers.authorization?.trim() ?? '')?.[1];
  const key = headers['x-api-key'];
  return bearer ?? (typeof key === 'string' && key !== '' ? key : undefined);
}

const tokenShape = /^[\w-]+\.[\w-]+\.[\w-]+$/;

/** Lets in whom a file names, and takes up what changes in it without a restart. Throws what the first `read` throws. */
export function createClosedAccess({ read, clock, wallClock, onError }: ClosedAccessOptions): Access {
  const keysOf = createIssuerKeys(wallClock, clock);
  const compile = (file: AccessFile): Rules => ({ file, findKey: createKeyFinder(file.keys, wallClock), verify: createTokenVerifier(file, wallClock, keysOf) });
  const first = read();
  if (first === 'same') throw new RangeError('the first read gives a file');
  let rules = compile(first);
  let readAt = clock.now();
  const refresh = (): Reloaded => {
    readAt = clock.now();
    try {
      const file = read();
      if (file === 'same') return { outcome: 'same' };
      rules = compile(file);
      return { outcome: 'changed' };
    } catch (error) {
      return { outcome: 'invalid', error };
    }
  };
  const current = (): Rules => {
    if (clock.now() - readAt < reloadMilliseconds) return rules;
    const reloaded = refresh();
    if (reloaded.outcome === 'invalid') onError(reloaded.error);
    return rules;
  };
  return {
    mode: 'closed',
    refresh,
    authenticate: async (headers) => {
      const credential = credentialOf(headers);
      if (credential === undefined) throw new Unauthenticated('Send a key or a token as "authorization: Bearer ..."', { refusal: { reason: 'no_credentials' } });
      const { findKey, verify } = current();
      const known = findKey(credential);
      if (known !== undefined) return known;
      if (!tokenShape.test(credential)) throw new Unauthenticated('The key is not known', { refusal: { reason: 'unknown_key' } });
      return await verify(credential);
    },
    standing: (caller) => standingIn(current().file, caller, wallClock.now()),
    tenant: (name): TenantPolicy => {
      const { tenants, defaultTenant } = rules.file;
      const { requestsPerMinute, flags } = (Object.hasOwn(tenants, name) ? tenants[name] : undefined) ?? defaultTenant;
      return { flags, ...(requestsPerMinute === undefined ? {} : { requests: { burst: requestsPerMinute, windowMs: minuteMilliseconds } }) };
    },
  };
}
