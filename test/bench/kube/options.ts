import { parseArgs } from 'node:util';
import { BenchError } from './bench-error.ts';

export interface Options {
  readonly help: 'shown' | 'not shown';
  readonly runs: number;
  /** Ids of measures; undefined means all. */
  readonly only: readonly string[] | undefined;
  readonly scale: 'full' | 'quick';
  /** The Markdown document to write into; undefined prints only. */
  readonly document: string | undefined;
}

export const HELP = `npm run bench:kube -- [options]
  --runs N        runs of each contender, 1 to 50; default 3
  --only A,B      these measures only: stream, latency, latency-api, list, start, memory, requests, requests-api, idle
  --quick         less work for each figure: minutes instead of half an hour, and coarser
  --document FILE the Markdown file whose marked part gets the results; default docs/benchmarks.md for all measures at full
                  work, else none
  --help          this text
`;

const DEFAULT_RUNS = 3;
const MAX_RUNS = 50;

/** Throws BenchError that names the option, the value and what to give. */
export function parseOptions(args: readonly string[], measures: readonly string[], defaultDocument: string): Options {
  const { runs, only, quick, document, help } = parse(args);
  const chosen = only === undefined ? undefined : chosenMeasures(only, measures);
  const complete = chosen === undefined && quick !== true;
  return {
    help: help === true ? 'shown' : 'not shown',
    runs: runs === undefined ? DEFAULT_RUNS : runsFrom(runs),
    only: chosen,
    scale: quick === true ? 'quick' : 'full',
    document: document ?? (complete ? defaultDocument : undefined),
  };
}

interface Parsed {
  readonly runs?: string;
  readonly only?: string;
  readonly quick?: boolean;
  readonly document?: string;
  readonly help?: boolean;
}

function parse(args: readonly string[]): Parsed {
  try {
    const options = { runs: { type: 'string' }, only: { type: 'string' }, quick: { type: 'boolean' }, document: { type: 'string' }, help: { type: 'boolean' } } as const;
    return parseArgs({ args: [...args], options }).values;
  } catch (error) {
    throw new BenchError(`${error instanceof Error ? error.message : String(error)}\n${HELP}`, { cause: error });
  }
}

function runsFrom(text: string): number {
  const runs = Number(text);
  if (!Number.isInteger(runs) || runs < 1 || runs > MAX_RUNS) throw new BenchError(`--runs is '${text}': give a whole number from 1 to ${MAX_RUNS}`);
  return runs;
}

function chosenMeasures(text: string, known: readonly string[]): readonly string[] {
  const chosen = text.split(',').map((id) => id.trim());
  const unknown = chosen.find((id) => !known.includes(id));
  if (unknown !== undefined) throw new BenchError(`--only names '${unknown}': give some of ${known.join(', ')}, separated by commas`);
  return chosen;
}
