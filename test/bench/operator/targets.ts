import { type Spread, spreadOf } from '../kube/statistics.ts';
import { formatSpread, type Table } from '../kube/table.ts';
import type { ContenderId } from './options.ts';
import type { RunFigures } from './run.ts';
import { perAgent } from './writes.ts';

interface SizeResult {
  readonly contender: { readonly id: ContenderId };
  readonly agents: number;
  readonly runs: readonly (RunFigures | string)[];
}

interface Target {
  readonly what: string;
  readonly of: (run: RunFigures, agents: number) => number;
  /** Largest share of the rival's figure. */
  readonly atMost: number;
  readonly rival: ContenderId;
}

const canary = (run: RunFigures, agents: number): number => perAgent(run.release.writes, agents);
const both = (run: RunFigures, agents: number): number => perAgent([...run.create.writes, ...run.release.writes], agents);

/** The issue's: half of the writes of a canary, no more memory, ahead in time, even of raised client limits. */
const targets: readonly Target[] = [
  { what: 'API writes of one release', of: canary, atMost: 0.5, rival: 'argo' },
  { what: 'API writes of creation and one release', of: both, atMost: 0.5, rival: 'argo' },
  { what: 'peak RSS', of: ({ peakMebibytes }) => peakMebibytes, atMost: 1, rival: 'argo' },
  { what: 'time to create all', of: ({ create }) => create.seconds, atMost: 1, rival: 'argo' },
  { what: 'time to change all', of: ({ release }) => release.seconds, atMost: 1, rival: 'argo' },
  { what: 'time to create all, limits raised', of: ({ create }) => create.seconds, atMost: 1, rival: 'argo-raised' },
  { what: 'time to change all, limits raised', of: ({ release }) => release.seconds, atMost: 1, rival: 'argo-raised' },
];

/** By the medians; what was not measured is not met. */
export function targetTable(results: readonly SizeResult[]): Table {
  return [['', 'Sluice', 'Argo Rollouts', 'share', 'at most', ''], ...targets.map((target) => row(target, results))];
}

function row(target: Target, results: readonly SizeResult[]): readonly string[] {
  const spread = (id: ContenderId): Spread | undefined => {
    const result = results.find(({ contender }) => contender.id === id);
    return result === undefined ? undefined : spreadOf(result.runs.flatMap((run) => (typeof run === 'string' ? [] : [target.of(run, result.agents)])));
  };
  const [own, rival] = [spread('sluice'), spread(target.rival)];
  const share = own === undefined || rival === undefined || rival.median === 0 ? undefined : own.median / rival.median;
  const verdict = share === undefined ? 'not measured' : share <= target.atMost ? 'met' : 'not met';
  return [target.what, formatSpread(own, 1), formatSpread(rival, 1), share === undefined ? '–' : share.toFixed(2), String(target.atMost), verdict];
}
