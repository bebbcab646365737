import { expectedRate, planRequests } from '../statistics/index.ts';
import { firstShare } from '../sequential/accumulate.ts';
import { gateDefaults, type GatePolicy, type Traffic } from '../sequential/index.ts';
import type { Terms } from './measures.ts';

/** The margins of objectives that name none: shares of the requests, of a cost a share of the mean. */
export const defaultMargins = {
  successRate: gateDefaults.margins.success, latency: gateDefaults.margins.slow, toolErrors: gateDefaults.margins.toolErrors, citations: gateDefaults.margins.citations,
  blocked: gateDefaults.margins.blocked, cost: gateDefaults.margins.cost, counter: gateDefaults.margins.toolErrors, query: gateDefaults.margins.toolErrors,
} as const;

/** That of success where nearly nothing fails: 2 points would be many times what the stable revision has. */
export const narrowSuccess = { margin: 0.01, badRate: 0.001, requests: 1000, spare: 3 } as const;

export interface MarginInputs {
  readonly history: { readonly bad: number; readonly requests: number };
  readonly traffic: Traffic | undefined;
  readonly terms: Pick<GatePolicy, 'alphaPromote' | 'deadlineMs'> & { readonly designEffect: number };
}

/**
 * The margin of an objective that names none. Of success half of the usual one where the stable revision succeeded in 99.9 % of at least
 * 1,000 requests, and the traffic until the deadline is three times what the narrower margin needs.
 */
export function defaultMargin({ kind, bound }: Terms, inputs: MarginInputs): number {
  return kind === 'successRate' && bound === undefined && affordsNarrow(inputs) ? narrowSuccess.margin : defaultMargins[kind];
}

function affordsNarrow({ history, traffic, terms }: MarginInputs): boolean {
  if (traffic === undefined || traffic.canaryPerMinute <= 0 || traffic.stablePerMinute <= 0) return false;
  if (history.requests < narrowSuccess.requests || history.bad > narrowSuccess.badRate * history.requests) return false;
  const { requests } = planRequests({ b: expectedRate(history), delta: narrowSuccess.margin, stablePerCanary: traffic.stablePerMinute / traffic.canaryPerMinute, alpha: terms.alphaPromote, w1: firstShare });
  return (traffic.canaryPerMinute * terms.deadlineMs) / 60_000 >= narrowSuccess.spare * requests * terms.designEffect;
}
