import type { RateRule } from '../../store/rate-limits/rate-limiter.ts';

/** How often a tenant may look at its jobs, sessions and approvals for each time that it may ask. A look costs no model, but the process and its store. */
export const readsPerRequest = 10;

/** What a request takes of what its tenant may have. */
export interface Quota {
  /** Names what is counted; the tenant is added. */
  readonly key: 'requests' | 'reads';
  /** By which the headers name it. */
  readonly policy: 'tenant' | 'tenant-reads';
  readonly verb: 'ask' | 'look';
  readonly rule: RateRule;
}

/** Whoever follows a job must not pay for it with questions: what is only read has a quota of its own. `requests` not set: there is none. */
export function quotaFor(method: string, requests: RateRule | undefined): Quota | undefined {
  if (requests === undefined) return undefined;
  if (method !== 'GET' && method !== 'HEAD') return { key: 'requests', policy: 'tenant', verb: 'ask', rule: requests };
  return { key: 'reads', policy: 'tenant-reads', verb: 'look', rule: { ...requests, burst: requests.burst * readsPerRequest } };
}
