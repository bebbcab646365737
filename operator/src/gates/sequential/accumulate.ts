import type { BlockCounts, CostCounts } from '../statistics/index.ts';
import { advanceBreaker, breakerMetric } from './breaker.ts';
import { isMeasured, type ScrapeBlock } from './evidence.ts';
import { type BlockUse, metricEngine } from './metric-engine.ts';
import { type GatePolicy, type MetricPolicy, plannedBlocks } from './policy.ts';
import { riskOf } from './risk.ts';
import type { GateState, MetricState, WeightTotals } from './state.ts';

/** Share of the capital that bets from the first block on. */
export const firstShare = 0.8;

/** Weights whose totals are kept; further ones are added to the last. */
const mostWeights = 16;

/** The state after these scrapes. Each counts once: one that is not later than the last is passed over, so that a repeated call changes nothing. */
export function accumulate(state: GateState, blocks: readonly ScrapeBlock[], policy: GatePolicy): GateState {
  const ordered = blocks.filter((block) => block.since <= block.at).toSorted((a, b) => a.at - b.at);
  return ordered.reduce((before, block) => (block.at <= (before.lastScrapeAt ?? -Infinity) ? before : afterBlock(before, block, policy)), state);
}

/**
 * Whether what the block counts had time to end: requests that time out are counted late, and a revision that has just got its
 * traffic looks perfect until then. A block that is not settled is no proof; as evidence of harm it may only be too kind.
 */
export function isSettled({ since, weightSince }: ScrapeBlock, { requestTimeoutMs }: GatePolicy): boolean {
  return since >= weightSince + requestTimeoutMs;
}

/** The breaker is asked as it was before the block: a choice of evidence by what the evidence says would be no evidence. */
function afterBlock(state: GateState, block: ScrapeBlock, policy: GatePolicy): GateState {
  const shared = state.breaker.state === 'Open';
  const metrics = policy.metrics.map((metric) => {
    const use = { proof: proofUse(block, { shared, policy }), harm: shared && metric.kind === 'Bound' ? ('Ignore' as const) : complete(block) };
    return [metric.name, afterCounts(state, block, { metric, use, policy })] as const;
  });
  return {
    ...state,
    lastScrapeAt: block.at,
    extendedMs: state.extendedMs + (shared ? block.at - block.since : 0),
    breaker: nextBreaker(state, block, policy),
    metrics: Object.fromEntries(metrics),
  };
}

/** From an outage nothing is learned: what comes after it is expected to be as it was before. */
function proofUse(block: ScrapeBlock, { shared, policy }: { readonly shared: boolean; readonly policy: GatePolicy }): BlockUse {
  if (shared) return 'Ignore';
  return isSettled(block, policy) ? complete(block) : 'Learn';
}

function complete({ completeness }: ScrapeBlock): BlockUse {
  return completeness === 'Partial' ? 'Await' : 'Bet';
}

interface Use {
  readonly metric: MetricPolicy;
  readonly use: { readonly proof: BlockUse; readonly harm: BlockUse };
  readonly policy: GatePolicy;
}

function afterCounts(state: GateState, block: ScrapeBlock, { metric, use, policy }: Use): MetricState {
  const engine = metricEngine(metric, policy.steps.length);
  const before = state.metrics[metric.name] ?? { books: engine.open(), latched: policy.steps.map(() => false), missing: 0, totals: [] };
  const counts = block.metrics[metric.name];
  if (!isMeasured(metric, counts)) return { ...before, missing: before.missing + 1 };
  const books = engine.advance(before.books, counts, use, { firstShare, plannedBlocks: plannedBlocks(policy) });
  const proven = Math.log(1 / riskOf(policy, state).anytime.promote);
  const latched = before.latched.map((was, step) => was || engine.logProof(books, step) >= proven);
  const frozen = before.frozenHarm ?? (latched.at(-1) === true ? engine.logHarm(books).early : undefined);
  return {
    books,
    latched,
    ...(frozen === undefined ? {} : { frozenHarm: frozen }),
    missing: block.completeness === 'Partial' ? before.missing + 1 : 0,
    ...afterTotals(before, { block, counts, use }),
  };
}

function afterTotals({ totals, unsettled }: Pick<MetricState, 'totals' | 'unsettled'>, { block, counts, use }: { readonly block: ScrapeBlock; readonly counts: BlockCounts | CostCounts; readonly use: Use['use'] }): Pick<MetricState, 'totals' | 'unsettled'> {
  const kept = unsettled === undefined ? {} : { unsettled };
  if (use.proof === 'Bet' || use.proof === 'Await') return { totals: addTotals(totals, block.weight, counts), ...kept };
  if (use.harm === 'Ignore' || 'countsCanary' in counts) return { totals, ...kept };
  const [xc, nc, xs, ns] = unsettled ?? [0, 0, 0, 0];
  return { totals, unsettled: [xc + counts.xc, nc + counts.nc, xs + counts.xs, ns + counts.ns] };
}

function addTotals(totals: readonly WeightTotals[], weight: number, counts: BlockCounts | CostCounts): readonly WeightTotals[] {
  if ('countsCanary' in counts) return totals;
  const at = totals.findIndex((each) => each.weight === weight);
  if (at < 0 && totals.length < mostWeights) return [...totals, { weight, counts: [counts.xc, counts.nc, counts.xs, counts.ns] }];
  const index = at < 0 ? totals.length - 1 : at;
  return totals.map((each, position) => {
    const [xc, nc, xs, ns] = each.counts;
    return position === index ? { ...each, counts: [xc + counts.xc, nc + counts.nc, xs + counts.xs, ns + counts.ns] } : each;
  });
}

function nextBreaker(state: GateState, block: ScrapeBlock, policy: GatePolicy): GateState['breaker'] {
  const metric = breakerMetric(policy);
  const counts = metric === undefined ? undefined : block.metrics[metric.name];
  if (metric === undefined || !isMeasured(metric, counts) || 'countsCanary' in counts) return state.breaker;
  return advanceBreaker(state.breaker, counts.xs, counts.ns, metric.history);
}
