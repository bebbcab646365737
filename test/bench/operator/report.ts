import { type Spread, spreadOf } from '../kube/statistics.ts';
import { formatSpread, type Table, toMarkdown } from '../kube/table.ts';
import type { WriteCount } from './audit-log.ts';
import type { Contender } from './contender.ts';
import type { RunFigures } from './run.ts';
import { targetTable } from './targets.ts';
import { groupOf, perAgent, writesOf } from './writes.ts';

/** All runs of one contender at one size; a run that failed is a sentence. */
export interface Result {
  readonly contender: Pick<Contender, 'id' | 'name'>;
  readonly agents: number;
  readonly runs: readonly (RunFigures | string)[];
}

export interface Report {
  readonly environment: Readonly<Record<string, string>>;
  readonly results: readonly Result[];
}

interface Column {
  readonly name: string;
  readonly of: (run: RunFigures, agents: number) => number | undefined;
  readonly digits: number;
}

const time: readonly Column[] = [
  { name: 'create all, s', of: ({ create }) => create.seconds, digits: 1 },
  { name: 'change all, s', of: ({ release }) => release.seconds, digits: 1 },
  { name: 'half of them, s', of: ({ release }) => release.medianSeconds, digits: 1 },
  { name: 'p99 reconcile at most, ms', of: ({ reconcileP99 }) => (reconcileP99 === undefined ? undefined : reconcileP99 * 1000), digits: 0 },
];
const resources: readonly Column[] = [
  { name: 'CPU create, s', of: ({ create }) => create.cpuSeconds, digits: 1 },
  { name: 'CPU change, s', of: ({ release }) => release.cpuSeconds, digits: 1 },
  { name: 'idle CPU, ms/minute', of: ({ idleCpuPerMinute }) => idleCpuPerMinute, digits: 0 },
  { name: 'peak RSS, MiB', of: ({ peakMebibytes }) => peakMebibytes, digits: 0 },
  { name: 'RSS at the end, MiB', of: ({ settledMebibytes }) => settledMebibytes, digits: 0 },
  { name: 'of it anonymous, MiB', of: ({ anonymousMebibytes }) => anonymousMebibytes, digits: 0 },
  { name: 'load before', of: ({ loadBefore }) => loadBefore, digits: 1 },
];
const writes: readonly Column[] = [
  { name: 'create', of: (run, agents) => perAgent(run.create.writes, agents), digits: 1 },
  { name: 'one release', of: (run, agents) => perAgent(run.release.writes, agents), digits: 1 },
  { name: 'both', of: (run, agents) => perAgent(bothParts(run), agents), digits: 1 },
  { name: 'of both: events', of: (run, agents) => perAgent(writesOf(bothParts(run), 'event'), agents), digits: 1 },
  { name: 'of both: status', of: (run, agents) => perAgent(writesOf(bothParts(run), 'status'), agents), digits: 1 },
  { name: 'refused', of: (run, agents) => bothParts(run).reduce((sum, { refused }) => sum + refused, 0) / agents, digits: 2 },
  { name: 'by everybody, both', of: (run, agents) => (run.create.allWrites + run.release.allWrites) / agents, digits: 1 },
];

/** The whole result as Markdown. */
export function renderReport({ environment, results }: Report): string {
  const sizes = [...new Set(results.map(({ agents }) => agents))];
  return [
    '### Machine and versions', toMarkdown([['', ''], ...Object.entries(environment)]),
    ...sizes.flatMap((agents) => renderSize(agents, results.filter((result) => result.agents === agents))),
    ...results.flatMap(failuresOf),
  ].join('\n\n');
}

function renderSize(agents: number, results: readonly Result[]): string[] {
  return [
    `### ${agents.toLocaleString('en')} agents of 2 pods`,
    toMarkdown(figureTable('', time, results)),
    toMarkdown(figureTable('', resources, results)),
    'API writes of the controller for each agent:',
    toMarkdown(figureTable('', writes, results)),
    'The same by verb and resource, first run, create + one release:',
    toMarkdown(kindTable(results)),
    'Targets:',
    toMarkdown(targetTable(results)),
  ];
}

function figureTable(corner: string, columns: readonly Column[], results: readonly Result[]): Table {
  return [[corner, ...columns.map(({ name }) => name)], ...results.map((result) => [result.contender.name, ...columns.map((column) => cell(result, column))])];
}

function cell(result: Result, column: Column): string {
  return formatSpread(spreadOfRuns(result, column.of), column.digits);
}

/** Runs that failed have no figures. */
export function spreadOfRuns({ runs, agents }: Result, of: Column['of']): Spread | undefined {
  return spreadOf(runs.flatMap((run) => (typeof run === 'string' ? [] : (of(run, agents) ?? []))).filter(Number.isFinite));
}

function kindTable(results: readonly Result[]): Table {
  const kinds = new Set(results.flatMap((result) => firstRun(result).flatMap(({ create, release }) => [...create.writes, ...release.writes])).map(nameOf));
  const sorted = [...kinds].toSorted();
  return [['', ...results.map(({ contender }) => contender.name)], ...sorted.map((kind) => [kind, ...results.map((result) => kindCell(result, kind))])];
}

function kindCell(result: Result, kind: string): string {
  const [run] = firstRun(result);
  if (run === undefined) return '–';
  const share = (counts: readonly WriteCount[]): string => perAgent(counts.filter((count) => nameOf(count) === kind), result.agents).toFixed(2);
  return `${share(run.create.writes)} + ${share(run.release.writes)}`;
}

function firstRun({ runs }: Result): readonly RunFigures[] {
  return runs.filter((run) => typeof run !== 'string').slice(0, 1);
}

function nameOf(count: WriteCount): string {
  return `${groupOf(count) === 'object' ? '' : `${groupOf(count)}: `}${count.verb} ${count.resource}`;
}

function bothParts({ create, release }: RunFigures): readonly WriteCount[] {
  return [...create.writes, ...release.writes];
}

function failuresOf({ contender, agents, runs }: Result): string[] {
  return runs.flatMap((run) => (typeof run === 'string' ? [`${contender.name} with ${agents} agents failed: ${run}`] : []));
}
