import { spreadOf } from '../kube/statistics.ts';
import { formatSpread, type Table, toMarkdown } from '../kube/table.ts';
import type { Contender } from './contender.ts';
import type { RunFigures } from './run.ts';

/** All runs of one contender; a run that failed is a sentence. */
export interface Result {
  readonly contender: Pick<Contender, 'id' | 'name'>;
  readonly runs: readonly (RunFigures | string)[];
}

export interface Report {
  readonly environment: Readonly<Record<string, string>>;
  readonly rates: readonly number[];
  readonly streams: number;
  readonly results: readonly Result[];
}

type Figure = (run: RunFigures) => number | undefined;

interface Column {
  readonly name: string;
  readonly of: Figure;
  readonly digits: number;
}

function added(rate: number, part: 'p50' | 'p99'): Figure {
  return ({ added: found }) => found.find((each) => each.rate === rate)?.[part];
}

function latencyColumns(rates: readonly number[]): readonly Column[] {
  return [
    ...rates.flatMap((rate) => (['p50', 'p99'] as const).map((part): Column => ({ name: `${part} added at ${rate}/s, ms`, of: added(rate, part), digits: 2 }))),
    { name: 'first text added, ms', of: ({ firstTextAdded }) => firstTextAdded, digits: 2 },
    { name: 'not answered', of: (run) => run.failed + run.added.reduce((sum, { failed }) => sum + failed, 0), digits: 0 },
  ];
}

function resourceColumns(streams: number): readonly Column[] {
  return [
    { name: 'requests/s', of: ({ requestsPerSecond }) => requestsPerSecond, digits: 0 },
    { name: 'requests per CPU second', of: ({ requestsPerCpuSecond }) => requestsPerCpuSecond, digits: 0 },
    { name: 'ready, s', of: ({ readyMs }) => readyMs / 1_000, digits: 2 },
    { name: 'idle, MiB', of: ({ idleMebibytes }) => idleMebibytes, digits: 0 },
    { name: `${streams} streams, MiB`, of: (run) => (run.streams.open < streams ? undefined : run.streams.mebibytes), digits: 0 },
    { name: 'streams open', of: (run) => run.streams.open, digits: 0 },
    { name: 'load before', of: ({ loadBefore }) => loadBefore, digits: 1 },
  ];
}

function spread({ runs }: Result, of: Figure) {
  return spreadOf(runs.flatMap((run) => (typeof run === 'string' ? [] : (of(run) ?? []))).filter(Number.isFinite));
}

function figureTable(columns: readonly Column[], results: readonly Result[]): Table {
  return [['', ...columns.map(({ name }) => name)], ...results.map((result) => [result.contender.name, ...columns.map(({ of, digits }) => formatSpread(spread(result, of), digits))])];
}

interface Target {
  readonly name: string;
  readonly of: (medians: Medians) => number | undefined;
  readonly bound: { readonly atMost: number } | { readonly atLeast: number };
}

/** The median of a figure of a contender; undefined when it was not measured. */
type Medians = (id: Contender['id'], of: Figure) => number | undefined;

const judgedRate = 500;

const targets: readonly Target[] = [
  { name: `p50 added at ${judgedRate}/s, ms`, of: (medians) => medians('sluice', added(judgedRate, 'p50')), bound: { atMost: 1 } },
  { name: `p99 added at ${judgedRate}/s, ms`, of: (medians) => medians('sluice', added(judgedRate, 'p99')), bound: { atMost: 5 } },
  { name: 'times the requests per CPU second of LiteLLM', of: (medians) => ratio(medians('sluice', perCpu), medians('litellm', perCpu)), bound: { atLeast: 10 } },
  { name: 'ready, s', of: (medians) => medians('sluice', ({ readyMs }) => readyMs / 1_000), bound: { atMost: 1 } },
  { name: 'idle, MiB', of: (medians) => medians('sluice', ({ idleMebibytes }) => idleMebibytes), bound: { atMost: 120 } },
];

function perCpu({ requestsPerCpuSecond }: RunFigures): number {
  return requestsPerCpuSecond;
}

function ratio(above: number | undefined, below: number | undefined): number | undefined {
  return above === undefined || below === undefined || below === 0 ? undefined : above / below;
}

/** What was not measured is not met. */
export function targetTable(results: readonly Result[]): Table {
  const medians: Medians = (id, of) => {
    const result = results.find(({ contender }) => contender.id === id);
    return result === undefined ? undefined : spread(result, of)?.median;
  };
  const rows = targets.map(({ name, of, bound }) => {
    const value = of(medians);
    const met = value !== undefined && ('atMost' in bound ? value <= bound.atMost : value >= bound.atLeast);
    const told = 'atMost' in bound ? `at most ${bound.atMost}` : `at least ${bound.atLeast}`;
    return [name, value === undefined ? '–' : value.toFixed(2), told, value === undefined ? 'not measured' : met ? 'met' : 'not met'];
  });
  return [['', 'Sluice', 'target', ''], ...rows];
}

/** The whole result as Markdown. */
export function renderReport({ environment, rates, streams, results }: Report): string {
  return [
    '#### Machine and versions', toMarkdown([['', ''], ...Object.entries(environment)]),
    '#### Latency', toMarkdown(figureTable(latencyColumns(rates), results)),
    '#### Throughput, start and memory', toMarkdown(figureTable(resourceColumns(streams), results)),
    '#### Targets', toMarkdown(targetTable(results)),
    ...results.flatMap(({ contender, runs }) => runs.flatMap((run) => (typeof run === 'string' ? [`${contender.name} failed: ${run}`] : []))),
  ].join('\n\n');
}
