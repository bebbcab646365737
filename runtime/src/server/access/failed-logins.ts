import { createHash } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { isIPv6 } from 'node:net';
import type { Clock } from '../../platform/clock.ts';
import { remember } from '../../platform/remember.ts';
import { decideRate } from '../../store/rate-limits/decide-rate.ts';
import type { RateRule } from '../../store/rate-limits/rate-limiter.ts';
import { TooManyFailedLogins } from '../request-problems.ts';

/** Holds back who tries one credential after another. */
export interface FailedLogins {
  /** Throws TooManyFailedLogins for an address with too many failures, but for credentials that were let in lately: behind a gateway all callers have one address. */
  readonly check: (address: string, headers: IncomingHttpHeaders) => void;
  readonly passed: (headers: IncomingHttpHeaders) => void;
  readonly failed: (address: string, headers: IncomingHttpHeaders) => void;
}

export interface FailedLoginsOptions {
  readonly clock: Clock;
  /** Default: {@link failedLoginRule}. */
  readonly rule?: RateRule;
  /** Addresses, and credentials that were let in, that are remembered at most. */
  readonly maximum?: number;
}

export const failedLoginRule: RateRule = { burst: 60, windowMs: 60_000 };
const rememberedMilliseconds = 600_000;
const defaultMaximum = 10_000;

/** A digest of what was sent: the credential itself is not kept. Undefined: none was. */
function credentialDigest({ authorization, 'x-api-key': key }: IncomingHttpHeaders): string | undefined {
  if (authorization === undefined && key === undefined) return undefined;
  return createHash('sha256').update(JSON.stringify([authorization ?? null, key ?? null])).digest('base64');
}

/** One customer of a provider has a /64 of IPv6, and could use another address of it for each try. */
export function addressOf(ip: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(ip)?.[1];
  if (mapped !== undefined) return mapped;
  if (!isIPv6(ip)) return ip;
  const [before = '', after = ''] = (ip.split('%')[0] ?? '').split('::');
  const groups = before.split(':').filter((group) => group !== '');
  const missing = 8 - groups.length - after.split(':').filter((group) => group !== '').length;
  const whole = ip.includes('::') ? [...groups, ...Array.from({ length: Math.max(0, missing) }, () => '0'), ...after.split(':')] : groups;
  return `${whole.slice(0, 4).map((group) => Number.parseInt(group, 16).toString(16)).join(':')}::/64`;
}

export function createFailedLogins({ clock, rule = failedLoginRule, maximum = defaultMaximum }: FailedLoginsOptions): FailedLogins & { readonly size: () => number } {
  // When the failures of an address will be forgotten, and until when a credential counts as known.
  const failures = new Map<string, number>();
  const known = new Map<string, number>();
  const decide = (address: string) => decideRate(failures.get(address), { now: clock.now(), rule, cost: 1 });
  return {
    size: () => failures.size + known.size,
    check: (ip, headers) => {
      const { decision } = decide(addressOf(ip));
      if (decision.outcome === 'allowed') return;
      const digest = credentialDigest(headers);
      if (digest === undefined || (known.get(digest) ?? 0) > clock.now()) return;
      throw new TooManyFailedLogins(rule, decision);
    },
    passed: (headers) => {
      const digest = credentialDigest(headers);
      if (digest !== undefined) remember(known, digest, clock.now() + rememberedMilliseconds, maximum);
    },
    failed: (ip, headers) => {
      // To send none is no try.
      const digest = credentialDigest(headers);
      if (digest === undefined) return;
      known.delete(digest);
      const address = addressOf(ip);
      remember(failures, address, decide(address).fullAt, maximum);
    },
  };
}
