import { parseArgs } from 'node:util';
import { fullGrid, type Grid, quickGrid, retriedGrid, slowGrid, unsteadyGrid } from './cells.ts';

export interface Options {
  readonly help: 'shown' | 'hidden';
  /** Whether rates are simulated, with the rules of the peers, or costs. */
  readonly what: 'Rates' | 'Costs';
  readonly grid: Grid;
  /** Name of the report's file. */
  readonly report: 'report.md' | 'retried.md' | 'slow.md' | 'unsteady.md' | 'costs.md';
  /** Simulated releases to a cell. */
  readonly runs: number;
  readonly seed: number;
  /** Folder for the report and its plots; undefined for none. */
  readonly plots: string | undefined;
  /** File of the cells that are finished; undefined for none. */
  readonly resume: string | undefined;
}

export const HELP = `npm run bench:gates -- [--quick | --retried | --slow | --unsteady | --costs] [--runs N] [--seed N] [--plots FOLDER] [--resume FILE]

Simulates releases and prints, as Markdown, how often Sluice's gates, Argo Rollouts' and Flagger's rules promote what is worse and roll
back what is not, and how long they take. Exit code 1 when a stated risk is contradicted.

  --quick          three traffic rates, three sizes of loss, 50 releases to a cell
  --retried        only releases that are tried again and were proven before, against another stable revision
  --slow           only releases whose failures end at once and whose answers end a minute later
  --unsteady       only releases whose part of the traffic rises and falls, and releases after an outage that is in the past of the stable pods
  --costs          only releases that are judged by what a request costs, beside the method before decision record 34
  --runs N         simulated releases to a cell (1000; 50 with --quick)
  --seed N         the same seed gives the same report (1)
  --plots FOLDER   writes the report there (report.md, retried.md, slow.md, unsteady.md, costs.md), and the plots of the first as SVG
  --resume FILE    keeps each finished cell in the file, and takes those from it that the same code finished before`;

export class OptionsError extends Error {
  constructor(message: string, options?: { cause: unknown }) {
    super(message, options);
    this.name = 'OptionsError';
  }
}

/** Throws an OptionsError that names the option and what it takes. */
export function parseOptions(args: readonly string[]): Options {
  const { quick = false, retried = false, slow = false, unsteady = false, costs = false, help = false, runs, seed, plots, resume } = read(args);
  return {
    help: help ? 'shown' : 'hidden',
    what: costs ? 'Costs' : 'Rates',
    report: costs ? 'costs.md' : retried ? 'retried.md' : slow ? 'slow.md' : unsteady ? 'unsteady.md' : 'report.md',
    grid: retried ? retriedGrid : slow ? slowGrid : unsteady ? unsteadyGrid : quick ? quickGrid : fullGrid,
    runs: whole('--runs', runs, quick ? 50 : 1000, 1),
    seed: whole('--seed', seed, 1, 0),
    plots,
    resume,
  };
}

function read(args: readonly string[]) {
  const options = { quick: { type: 'boolean' }, retried: { type: 'boolean' }, slow: { type: 'boolean' }, unsteady: { type: 'boolean' }, costs: { type: 'boolean' }, help: { type: 'boolean' }, runs: { type: 'string' }, seed: { type: 'string' }, plots: { type: 'string' }, resume: { type: 'string' } } as const;
  try {
    return parseArgs({ args: [...args], options, strict: true }).values;
  } catch (cause) {
    throw new OptionsError(`${cause instanceof Error ? cause.message : String(cause)}\n\n${HELP}`, { cause });
  }
}

function whole(option: string, text: string | undefined, otherwise: number, least: number): number {
  const value = text === undefined ? otherwise : Number(text);
  if (Number.isSafeInteger(value) && value >= least && value <= 10_000_000) return value;
  throw new OptionsError(`${option} is ${text}; give a whole number from ${least} to 10000000`);
}
