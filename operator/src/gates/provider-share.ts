import { absoluteLimit, significantlyAbove, type BadCount } from './bound-check.ts';
import { requestCount } from './wording.ts';

/** A count that knows how many of its bad requests were the model provider's fault. */
export interface ServedCount extends BadCount {
  readonly providerFailures?: number | undefined;
}

interface BothCounts {
  readonly canary: ServedCount;
  readonly stable: ServedCount;
}

/**
 * The canary's count that breaks an absolute bound beyond chance: that of all its requests, or that of those the provider served,
 * so that an outage hides no fault of its own. Undefined when neither does. What the stable revision breaks likewise is excused.
 */
export function brokenAbsolute({ canary, stable }: BothCounts, allowed: number): BadCount | undefined {
  const served = { canary: servedPart(canary), stable: servedPart(stable) };
  const tests = served.canary.requests === canary.requests && served.stable.requests === stable.requests ? [{ canary, stable }] : [{ canary, stable }, served];
  return tests.find((test) => {
    const limit = absoluteLimit(test.stable, allowed);
    return significantlyAbove(test.canary, limit.surelyAllowed, limit.risk / tests.length) === 'above';
  })?.canary;
}

/**
 * The canary's count without the failures of the provider that the stable revision's share of them explains: they say nothing about
 * either revision, for better or worse.
 */
export function withoutSharedFailures({ canary, stable }: BothCounts): { counted: BadCount; note: string } {
  const share = stable.requests === 0 ? 0 : (stable.providerFailures ?? 0) / stable.requests;
  const shared = Math.min(canary.providerFailures ?? 0, Math.floor(share * canary.requests));
  const counted = { bad: canary.bad - shared, requests: canary.requests - shared };
  return { counted, note: shared === 0 ? '' : `; ${requestCount(shared)} that the provider failed do not count, because it fails the stable revision likewise` };
}

function servedPart({ bad, requests, providerFailures = 0 }: ServedCount): BadCount {
  return { bad: bad - providerFailures, requests: requests - providerFailures };
}
