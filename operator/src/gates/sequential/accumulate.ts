import type { BlockCounts, CostCounts } from '../statistics/index.ts';
import { advanceBreaker, breakerMetric } from './breaker.ts';
import { earlyCounts, placeAfter, type TrafficPlace } from './early-harm.ts';
import { isMeasured, type ScrapeBlock } from './evidence.ts';
import { type BlockUse, type MetricEngine, metricEngine } from './metric-engine.ts';
import { type GatePolicy, type MetricPolicy, plannedBlocks } from './policy.ts';
import { riskOf } from './risk.ts';
import type { GateState, MetricState, WeightTotals } from './state.ts';

/** Share of the capital that bets from the first block on. */
export const firstShare = 0.8;

/** Weights whose totals are kept; further ones are added to the last, and nothing is tested by them. */
export const mostWeights = 16;

/** The state after these scrapes. Each counts once: one that is not later than the last is passed over, so that a repeated call changes nothing. */
export function accumulate(state: GateState, blocks: readonly ScrapeBlock[], policy: GatePolicy): GateState {
  const ordered = blocks.filter((block) => block.since <= block.at).toSorted((a, b) => a.at - b.at);
  return ordered.reduce((before, block) => (block.at <= (before.lastScrapeAt ?? -Infinity) ? before : afterBlock(before, block, policy)), state);
}

/**
 * Whether what the block counts had time to end: requests that time out are counted late, and a revision that has just got its
 * traffic looks perfect until then. A block that is not settled is no proof; what it says of harm is early-harm.ts.
 */
export function isSettled({ since, weightSince }: ScrapeBlock, { requestTimeoutMs }: GatePolicy): boolean {
  return since >= weightSince + requestTimeoutMs;
}

/** The breaker is asked as it was before the block: a choice of evidence by what the evidence says would be no evidence. */
function afterBlock(state: GateState, block: ScrapeBlock, policy: GatePolicy): GateState {
  const shared = state.breaker.state === 'Open';
  const settled = isSettled(block, policy) ? 'Yes' : 'No';
  const place = placeAfter(state, block, settled);
  const metrics = policy.metrics.map((metric) => {
    const use = { proof: proofUse(block, { shared, policy }), harm: shared && metric.kind === 'Bound' ? ('Ignore' as const) : harmUse(state, block) };
    return [metric.name, afterCounts(state, block, { metric, use, policy, ...(settled === 'Yes' ? {} : { place }) })] as const;
  });
  const { partial: _before, share: _share, fallen: _fallen, ...kept } = state;
  return {
    ...kept,
    ...place,
    ...(block.completeness === 'Partial' ? { partial: 'Yes' as const } : {}),
    lastScrapeAt: block.at,
    extendedMs: state.extendedMs + (shared ? block.at - Math.max(block.since, state.lastScrapeAt ?? block.since) : 0),
    breaker: nextBreaker(state, block, policy),
    metrics: Object.fromEntries(metrics),
  };
}

/** From an outage nothing is learned: what comes after it is expected to be as it was before. */
function proofUse(block: ScrapeBlock, { shared, policy }: { readonly shared: boolean; readonly policy: GatePolicy }): BlockUse {
  if (shared) return 'Ignore';
  if (!isSettled(block, policy)) return 'Learn';
  return block.completeness === 'Partial' ? 'Await' : 'Bet';
}

/**
 * Harm is judged on what was read of both. What could not be read then comes beside counts of another time, and the difference within that
 * block would say what has changed since.
 */
function harmUse({ partial }: GateState, { completeness }: ScrapeBlock): BlockUse {
  return partial === 'Yes' && completeness === 'Complete' ? 'Learn' : 'Bet';
}

interface Use {
  readonly metric: MetricPolicy;
  readonly use: { readonly proof: BlockUse; readonly harm: BlockUse };
  readonly policy: GatePolicy;
  /** Set where the block has not settled. */
  readonly place?: TrafficPlace;
}

function afterCounts(state: GateState, block: ScrapeBlock, { metric, use: asked, policy, place }: Use): MetricState {
  const engine = metricEngine(metric, policy.steps.length);
  const known = state.metrics[metric.name] ?? { books: engine.open(), latched: policy.steps.map(() => false), missing: 0, totals: [] };
  const before = losesRest(known, block, asked) ? withoutAwaiting(known, engine) : known;
  const counts = block.metrics[metric.name];
  if (!isMeasured(metric, counts)) return { ...before, missing: before.missing + 1 };
  const early = place === undefined ? counts : earlyCounts(metric, counts, block, place);
  const use = early === undefined && asked.harm === 'Bet' ? { ...asked, harm: 'Learn' as const } : asked;
  // Proof has no use for what is not settled but to learn from stable's counts, which are the same in both.
  const books = engine.advance(before.books, early ?? counts, use, { firstShare, plannedBlocks: plannedBlocks(policy) });
  const proven = Math.log(1 / riskOf(policy, state).anytime.promote);
  const latched = before.latched.map((was, step) => was || engine.logProof(books, step) >= proven);
  const frozen = before.frozenHarm ?? (latched.at(-1) === true ? engine.logHarm(books).early : undefined);
  return {
    books,
    latched,
    ...(frozen === undefined ? {} : { frozenHarm: frozen }),
    missing: block.completeness === 'Partial' ? before.missing + 1 : 0,
    ...afterTotals(before, { weight: block.weight, counts: plainCounts(metric, counts), use }),
  };
}

/**
 * Whether counts of blocks that lacked pods wait for what those did, and that will be no proof: it is lost, or of a time that had not settled. Which pod
 * cannot be read is no accident, so that the others alone prove nothing.
 */
function losesRest({ awaiting }: MetricState, { completeness, counting }: ScrapeBlock, { proof }: Use['use']): boolean {
  return awaiting !== undefined && (counting === 'Anew' || (completeness === 'Complete' && proof !== 'Bet'));
}

/** Harm was bet on them as they came. */
function withoutAwaiting({ awaiting = [], ...known }: MetricState, engine: MetricEngine): MetricState {
  const unsettled = awaiting.reduce((sum, { counts }) => added(sum, counts), known.unsettled ?? none);
  return { ...known, books: engine.withoutPending(known.books), unsettled };
}

/** Of a cost: what all requests together cost, in units of the cap, in place of how many were bad. It is the sum of the dollars where that is known, and not capped. */
function plainCounts(metric: MetricPolicy, counts: BlockCounts | CostCounts): WeightTotals['counts'] {
  if (!('countsCanary' in counts)) return [counts.xc, counts.nc, counts.xs, counts.ns];
  const { v, edges, cap = 1 } = metric.kind === 'Cost' ? metric : { v: [] };
  const sum = (values: readonly number[], of: (index: number) => number) => values.reduce((all, count, index) => all + count * of(index), 0);
  const costs = (values: readonly number[], dollars: number | undefined) => (edges === undefined || dollars === undefined ? sum(values, (index) => v[index] ?? 0) : dollars / cap);
  const requests = () => 1;
  return [costs(counts.countsCanary, counts.dollarsCanary), sum(counts.countsCanary, requests), costs(counts.countsStable, counts.dollarsStable), sum(counts.countsStable, requests)];
}

interface Totals {
  readonly weight: number;
  readonly counts: WeightTotals['counts'];
  readonly use: Use['use'];
}

type AllTotals = Pick<MetricState, 'totals' | 'mixedWeights' | 'awaiting' | 'unsettled'>;

const none: WeightTotals['counts'] = [0, 0, 0, 0];

function afterTotals(before: AllTotals, { weight, counts, use }: Totals): AllTotals {
  const { totals, mixedWeights, awaiting, unsettled } = before;
  const kept: AllTotals = { totals, ...(mixedWeights === undefined ? {} : { mixedWeights }), ...(unsettled === undefined ? {} : { unsettled }) };
  const waiting = awaiting === undefined ? {} : { awaiting };
  if (use.proof === 'Bet') return { ...kept, ...[...(awaiting ?? []), { weight, counts }].reduce(addTotals, kept) };
  if (use.proof === 'Await') {
    const { totals: more, ...mixed } = addTotals({ totals: awaiting ?? [] }, { weight, counts });
    return { ...kept, ...mixed, awaiting: more };
  }
  return use.harm === 'Bet' ? { ...kept, ...waiting, unsettled: added(unsettled ?? none, counts) } : { ...kept, ...waiting };
}

function added([a, b, c, d]: WeightTotals['counts'], [e, f, g, h]: WeightTotals['counts']): WeightTotals['counts'] {
  return [a + e, b + f, c + g, d + h];
}

function addTotals({ totals, mixedWeights }: Pick<MetricState, 'totals' | 'mixedWeights'>, { weight, counts }: WeightTotals): Pick<MetricState, 'totals' | 'mixedWeights'> {
  const at = totals.findIndex((each) => each.weight === weight);
  const mixed = mixedWeights === undefined ? {} : { mixedWeights };
  if (at < 0 && totals.length < mostWeights) return { ...mixed, totals: [...totals, { weight, counts }] };
  const index = at < 0 ? totals.length - 1 : at;
  const summed = totals.map((each, position) => (position === index ? { ...each, counts: added(each.counts, counts) } : each));
  return { ...mixed, totals: summed, ...(at < 0 ? { mixedWeights: 'Yes' } : {}) };
}

function nextBreaker(state: GateState, block: ScrapeBlock, policy: GatePolicy): GateState['breaker'] {
  const metric = breakerMetric(policy);
  const counts = metric === undefined ? undefined : block.metrics[metric.name];
  if (metric === undefined || !isMeasured(metric, counts) || 'countsCanary' in counts) return state.breaker;
  return advanceBreaker(state.breaker, { bad: counts.xs, requests: counts.ns, at: block.at }, metric.history);
}
