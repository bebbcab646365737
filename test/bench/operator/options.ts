import { parseArgs } from 'node:util';
import { BenchError } from '../kube/bench-error.ts';
import { chosenFrom, numberFrom } from '../option-values.ts';

export const CONTENDERS = ['sluice', 'argo', 'argo-raised'] as const;
export type ContenderId = (typeof CONTENDERS)[number];

/** The fleet of the targets. */
const LARGEST_COMPARED = 300;

export interface Options {
  readonly help: 'shown' | 'not shown';
  /** Sizes of the fleet, one after the other. */
  readonly agents: readonly number[];
  /** Undefined: all, but for fleets of more than 300 agents Sluice alone, for Argo Rollouts with its own client limits takes half an hour there. */
  readonly contenders: readonly ContenderId[] | undefined;
  /** Of each contender at each size. */
  readonly runs: number;
  /** How long the idle process is watched, seconds. */
  readonly idleSeconds: number;
  /** Further flags of the operator's node, such as --cpu-prof. */
  readonly nodeFlags: readonly string[];
  /** Agents that Sluice works on at once; undefined: as the chart has it. */
  readonly concurrency: number | undefined;
  /** Further flags of kube-controller-manager, for all contenders. */
  readonly controllerFlags: readonly string[];
}

export const HELP = `npm run bench:operator -- [options]
  --agents A,B      sizes of the fleet, 1 to 20000 each; default 300,1000
  --contenders A,B  some of ${CONTENDERS.join(', ')} (higher client limits than its own); default all for up to
                    ${LARGEST_COMPARED} agents and sluice for more
  --runs N          runs of each contender at each size, 1 to 20; default 1
  --quick           30 agents and 5 s of idling, to see that everything runs; its figures say little
  --idle SECONDS    how long the idle process is watched; default 60
  --node-flags=TEXT flags of the operator's node, separated by blanks, as in "--node-flags=--cpu-prof --cpu-prof-dir=/tmp/p"
  --concurrency N   agents that Sluice works on at once, 1 to 256; default as in the chart. A fleet of thousands wants 128
  --controller-flags=TEXT
                    flags of kube-controller-manager, for all contenders; of 5,000 agents that change at once its five Deployments at
                    a time are what is measured, unless it is told "--concurrent-deployment-syncs=50 --concurrent-replicaset-syncs=50"
  --help            this text
It prints Markdown. 300 and 1,000 agents take about a quarter of an hour; 5,000 (--agents 5000) three quarters of an hour and more.
`;

const FULL = { agents: [300, 1000], idleSeconds: 60 } as const;
const QUICK = { agents: [30], idleSeconds: 5 } as const;
const MAX_AGENTS = 20_000;
const MAX_RUNS = 20;
const MAX_CONCURRENCY = 256;
const MAX_IDLE_SECONDS = 3600;

/** Throws BenchError that names the option, the value and what to give. */
export function parseOptions(args: readonly string[]): Options {
  const values = parse(args);
  const defaults = values.quick === true ? QUICK : FULL;
  return {
    help: values.help === true ? 'shown' : 'not shown',
    agents: values.agents === undefined ? defaults.agents : values.agents.split(',').map((text) => numberFrom('--agents', text, MAX_AGENTS)),
    contenders: values.contenders === undefined ? undefined : chosenFrom('--contenders', values.contenders, CONTENDERS),
    runs: values.runs === undefined ? 1 : numberFrom('--runs', values.runs, MAX_RUNS),
    idleSeconds: values.idle === undefined ? defaults.idleSeconds : numberFrom('--idle', values.idle, MAX_IDLE_SECONDS),
    nodeFlags: wordsOf(values['node-flags']),
    controllerFlags: wordsOf(values['controller-flags']),
    concurrency: values.concurrency === undefined ? undefined : numberFrom('--concurrency', values.concurrency, MAX_CONCURRENCY),
  };
}

function wordsOf(text = ''): readonly string[] {
  return text.split(' ').filter((word) => word !== '');
}

export function contendersFor(agents: number, chosen: readonly ContenderId[] | undefined): readonly ContenderId[] {
  return chosen ?? (agents <= LARGEST_COMPARED ? CONTENDERS : ['sluice']);
}

interface Parsed {
  readonly agents?: string;
  readonly contenders?: string;
  readonly runs?: string;
  readonly quick?: boolean;
  readonly idle?: string;
  readonly 'node-flags'?: string;
  readonly 'controller-flags'?: string;
  readonly concurrency?: string;
  readonly help?: boolean;
}

function parse(args: readonly string[]): Parsed {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean' } as const;
  try {
    return parseArgs({ args: [...args], options: { agents: text, contenders: text, runs: text, quick: flag, idle: text, 'node-flags': text, 'controller-flags': text, concurrency: text, help: flag } }).values;
  } catch (error) {
    throw new BenchError(`${error instanceof Error ? error.message : String(error)}\n${HELP}`, { cause: error });
  }
}
