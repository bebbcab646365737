import type { RateDecision, RateRule } from './rate-limiter.ts';

/**
 * The generic cell rate algorithm: one number a key, the time at which the bucket will be full again (`fullAt`; in the past: it is full).
 * The Lua program of the Redis limiter computes the same.
 */
export function decideRate(fullAt: number | undefined, request: { readonly now: number; readonly rule: RateRule; readonly cost: number }): { readonly decision: RateDecision; readonly fullAt: number } {
  const { now, rule, cost } = request;
  const perUnit = rule.windowMs / rule.burst;
  const before = Math.max(fullAt ?? now, now);
  const after = before + cost * perUnit;
  const wait = after - rule.windowMs - now;
  const outcome = wait <= 0 ? 'allowed' : 'limited';
  const kept = outcome === 'allowed' ? after : before;
  const retryAfterMs = outcome === 'allowed' ? 0 : cost > rule.burst ? Number.POSITIVE_INFINITY : wait;
  return { fullAt: kept, decision: { outcome, remaining: Math.max(0, Math.floor((rule.windowMs - (kept - now)) / perUnit + 1e-9)), resetMs: kept - now, retryAfterMs } };
}
