import { parseArgs } from 'node:util';
import { BenchError } from '../kube/bench-error.ts';
import { chosenFrom, numberFrom } from '../option-values.ts';
import { stories, type Story } from './story.ts';

export const CONTENDERS = ['sluice', 'argo'] as const;
export type ContenderId = (typeof CONTENDERS)[number];

export interface Options {
  readonly help: 'shown' | 'not shown';
  readonly contenders: readonly ContenderId[];
  readonly stories: readonly Story[];
  /** Writes of each story at which a controller is killed, at most. */
  readonly places: number;
  /** Stories that are told side by side. */
  readonly lanes: number;
  /** After which no further kill begins. */
  readonly minutes: number;
  /** Where results are kept; those that are there are reported too. */
  readonly results: string | undefined;
}

const MOST_PLACES = 200;
const MOST_LANES = 32;
const MOST_MINUTES = 24 * 60;
const DEFAULT_LANES = 6;

const IDS = stories.map(({ id }) => id);

export const HELP = `npm run bench:kill -- [options]
  --contenders A,B  some of ${CONTENDERS.join(', ')}; default all
  --stories A,B     some of ${IDS.join(', ')}; default all
  --places N        writes of each story at which the controller is killed, before and after they are made, 1 to ${MOST_PLACES}; default: each write
  --quick           3 of them
  --lanes N         stories told side by side, each with a controller of its own, 1 to ${MOST_LANES}; default ${DEFAULT_LANES}
  --minutes N       after which no further kill begins, 1 to ${MOST_MINUTES}; default: no end
  --results FILE    adds what was found to FILE (JSON) and reports all that is there: long runs can be done in pieces
  --help            this text
It prints Markdown. Each write of all stories of both takes hours.
`;

interface Parsed {
  readonly contenders?: string;
  readonly stories?: string;
  readonly places?: string;
  readonly quick?: boolean;
  readonly lanes?: string;
  readonly minutes?: string;
  readonly results?: string;
  readonly help?: boolean;
}

/** Throws BenchError that names the option, the value and what to give. */
export function parseOptions(args: readonly string[]): Options {
  const values = parse(args);
  return {
    help: values.help === true ? 'shown' : 'not shown',
    contenders: values.contenders === undefined ? CONTENDERS : chosenFrom('--contenders', values.contenders, CONTENDERS),
    stories: values.stories === undefined ? stories : chosenFrom('--stories', values.stories, IDS).flatMap((id) => stories.filter((story) => story.id === id)),
    places: values.places === undefined ? (values.quick === true ? 3 : MOST_PLACES) : numberFrom('--places', values.places, MOST_PLACES),
    lanes: values.lanes === undefined ? DEFAULT_LANES : numberFrom('--lanes', values.lanes, MOST_LANES),
    minutes: values.minutes === undefined ? MOST_MINUTES : numberFrom('--minutes', values.minutes, MOST_MINUTES),
    results: values.results,
  };
}

function parse(args: readonly string[]): Parsed {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean' } as const;
  try {
    return parseArgs({ args: [...args], options: { contenders: text, stories: text, places: text, quick: flag, lanes: text, minutes: text, results: text, help: flag } }).values;
  } catch (error) {
    throw new BenchError(`${error instanceof Error ? error.message : String(error)}\n${HELP}`, { cause: error });
  }
}
