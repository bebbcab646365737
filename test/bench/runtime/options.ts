import { parseArgs } from 'node:util';
import { BenchError } from '../kube/bench-error.ts';
import { chosenFrom, numberFrom } from '../option-values.ts';
import { type ContenderId, contenderIds } from './contender.ts';

export interface Options {
  readonly help: 'shown' | 'not shown';
  readonly contenders: readonly ContenderId[];
  /** Of each contender, in turn. */
  readonly runs: number;
  /** Of each timed measure. */
  readonly seconds: number;
  /** Requests a second of the measures of latency. */
  readonly rates: readonly number[];
  /** Held open at a time. */
  readonly streams: number;
  /** After which no further round is begun, and what runs is given up. */
  readonly minutes: number;
  /** Gets the results between its markers; undefined: none. */
  readonly document: string | undefined;
}

export const HELP = `npm run bench:runtime -- [options]
  --contenders A,B  some of ${contenderIds.join(', ')}; default all
  --runs N          runs of each contender, in turn, 1 to 20; default 3
  --seconds N       of each timed measure, 1 to 600; default 10
  --rates A,B       requests a second of the measures of latency, 1 to 5000 each; default 50,500
  --streams N       streams held open at a time, 1 to 9000; default 1000
  --minutes N       for all of it, 1 to 120: what does not fit in is left out, and said; default 15
  --document FILE   the Markdown file whose marked part gets the results; default docs/benchmarks.md where no option leaves out or shortens anything
  --quick           one run of 3 s each with 100 streams, to see that everything runs; its figures say little
  --help            this text
It prints Markdown. Three runs take 13 minutes on a machine with nothing else to do.
`;

const FULL = { runs: 3, seconds: 10, rates: [50, 500], streams: 1_000, minutes: 15 } as const;
const QUICK = { runs: 1, seconds: 3, rates: [50], streams: 100 } as const;

/** Throws BenchError that names the option, the value and what to give. */
export function parseOptions(args: readonly string[], document: string): Options {
  const values = parse(args);
  const defaults = values.quick === true ? QUICK : FULL;
  return {
    help: values.help === true ? 'shown' : 'not shown',
    contenders: values.contenders === undefined ? contenderIds : chosenFrom('--contenders', values.contenders, contenderIds),
    runs: numberOr('--runs', values.runs, { default: defaults.runs, most: 20 }),
    seconds: numberOr('--seconds', values.seconds, { default: defaults.seconds, most: 600 }),
    rates: values.rates?.split(',').map((text) => numberFrom('--rates', text, 5_000)) ?? defaults.rates,
    streams: numberOr('--streams', values.streams, { default: defaults.streams, most: 9_000 }),
    minutes: numberOr('--minutes', values.minutes, { default: FULL.minutes, most: 120 }),
    document: values.document ?? (isWhole(values) ? document : undefined),
  };
}

/** Runs of which parts were left out, or which were made shorter, are no results to be kept. */
function isWhole({ contenders, runs, seconds, rates, streams, quick }: ReturnType<typeof parse>): boolean {
  return [contenders, runs, seconds, rates, streams, quick].every((value) => value === undefined);
}

function parse(args: readonly string[]) {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean' } as const;
  try {
    return parseArgs({ args: [...args], options: { contenders: text, runs: text, seconds: text, rates: text, streams: text, minutes: text, document: text, quick: flag, help: flag } }).values;
  } catch (error) {
    throw new BenchError(`${error instanceof Error ? error.message : String(error)}\n${HELP}`, { cause: error });
  }
}

function numberOr(option: string, text: string | undefined, { default: value, most }: { readonly default: number; readonly most: number }): number {
  return text === undefined ? value : numberFrom(option, text, most);
}
