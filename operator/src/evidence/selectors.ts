import type { Objective } from '@sluice/crds';

/** The series of one metric that are added up. Series with other labels beside these are taken too. */
export interface SeriesSelector {
  readonly metric: string;
  readonly labels: readonly { readonly name: string; readonly values: readonly string[] }[];
  /** Of the objective, where somebody has written it: "counter.bad". */
  readonly field?: string;
}

/** What two sums of series make an objective's share of bad events. A metric after the first of its list may be absent. */
export interface EventCounter {
  /** Name of the objective. */
  readonly name: string;
  readonly bad: readonly [SeriesSelector, ...SeriesSelector[]];
  readonly total: readonly [SeriesSelector, ...SeriesSelector[]];
}

/** Two PromQL expressions that return counters with the label `pod`. */
export interface EventQuery {
  readonly name: string;
  readonly bad: string;
  readonly total: string;
}

/** What is to be counted besides requests and latency. */
export interface Counting {
  readonly counters: readonly EventCounter[];
  readonly queries: readonly EventQuery[];
  /** Names of the objectives that ask for the cost of requests. */
  readonly costs: readonly string[];
  /** Of those that ask for latencies. */
  readonly latencies: readonly string[];
}

export const nothingElse: Counting = { counters: [], queries: [], costs: [], latencies: [] };

const mirrored = (metric: string) => metric.replace(/^sluice_/, 'sluice_mirrored_');

/** Series of users and of copied requests: a revision is judged by both. */
function ofBothTraffics(metric: string, label?: { readonly name: string; readonly values: readonly string[] }): EventCounter['bad'] {
  const labels = label === undefined ? [] : [label];
  return [{ metric, labels }, { metric: mirrored(metric), labels }];
}

/** A call that the model got wrong is `refused`: a worse prompt shows there first. One whose caller left says nothing. */
const failedCalls = ['error', 'timeout', 'refused'];
const answered = ['success', 'degraded', 'error', 'timeout', 'overloaded'];

/** Calls of tools, by tool and outcome, of users and of copies. */
export const toolCalls = { metrics: ['sluice_tool_calls_total', mirrored('sluice_tool_calls_total')], failed: failedCalls, ended: ['success', ...failedCalls] } as const;

const ownCounters = {
  toolErrors: {
    bad: ofBothTraffics('sluice_tool_calls_total', { name: 'outcome', values: failedCalls }),
    total: ofBothTraffics('sluice_tool_calls_total', { name: 'outcome', values: ['success', ...failedCalls] }),
  },
  citations: {
    bad: ofBothTraffics('sluice_answers_total', { name: 'citation', values: ['without'] }),
    total: ofBothTraffics('sluice_answers_total', { name: 'citation', values: ['with', 'without'] }),
  },
  blocked: {
    bad: ofBothTraffics('sluice_requests_blocked_by_rule_total'),
    total: ofBothTraffics('sluice_requests_total', { name: 'outcome', values: answered }),
  },
} as const;

/** What the objectives need besides requests and latency. */
export function countingOf(objectives: readonly Objective[]): Counting {
  return {
    counters: objectives.flatMap((objective) => counterOf(objective) ?? []),
    queries: objectives.flatMap(({ name, query }) => (query === undefined ? [] : [{ name, bad: query.bad, total: query.total }])),
    costs: objectives.filter(({ cost }) => cost !== undefined).map(({ name }) => name),
    latencies: objectives.filter(({ latency }) => latency !== undefined).map(({ name }) => name),
  };
}

function counterOf(objective: Objective): EventCounter | undefined {
  const { name, counter } = objective;
  if (counter !== undefined) return { name, bad: [selectorOf('counter.bad', counter.bad)], total: [selectorOf('counter.total', counter.total)] };
  const kind = (['toolErrors', 'citations', 'blocked'] as const).find((each) => objective[each] !== undefined);
  return kind === undefined ? undefined : { name, ...ownCounters[kind] };
}

function selectorOf(field: string, { metric, labels = [] }: NonNullable<Objective['counter']>['bad']): SeriesSelector {
  return { metric, labels: labels.map(({ name, value }) => ({ name, values: [value] })), field };
}

/** The names of all metrics that the counters read. */
export function metricsOf({ counters }: Counting): string[] {
  return counters.flatMap(({ bad, total }) => [...bad, ...total].map(({ metric }) => metric));
}

/** Names of objectives that count something else than before, as after an edit of the plan, and whether costs were not asked for before. */
export interface AskedAnew {
  readonly events: ReadonlySet<string>;
  readonly costs: 'Anew' | 'AsBefore';
}

export function askedSince(before: Counting, now: Counting): AskedAnew {
  // As at nearly every look: the same objectives are counted in the same way (counting-source.ts).
  if (before === now) return { events: new Set(), costs: 'AsBefore' };
  const [known, asked] = [termsOf(before), termsOf(now)];
  const events = [...asked].filter(([name, terms]) => known.has(name) && known.get(name) !== terms).map(([name]) => name);
  return { events: new Set(events), costs: before.costs.length === 0 && now.costs.length > 0 ? 'Anew' : 'AsBefore' };
}

function termsOf({ counters, queries }: Counting): ReadonlyMap<string, string> {
  return new Map([...counters, ...queries].map(({ name, ...terms }) => [name, JSON.stringify(terms)]));
}
