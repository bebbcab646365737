import { type Scenario, wrongVerdict } from './cells.ts';
import { contradictions, exactInterval, wrongCount } from './interval.ts';
import type { CellResult } from './simulate.ts';

export interface Environment {
  readonly machine: string;
  readonly node: string;
  readonly runs: number;
  readonly seed: number;
}

/** One in twenty on both sides together. */
const intervalAlpha = 0.025;

/** Chance with which one cell may be reported as contradicted although its risk holds. */
export const contradictionAlpha = 0.001;

export interface ReportInput {
  readonly environment: Environment;
  readonly results: readonly CellResult[];
  readonly statedRisk: Readonly<Record<string, number>>;
}

/** The whole report as Markdown: tables by what hits both revisions and by size of the loss, and whether the stated risk holds. */
export function renderReport({ environment, results, statedRisk }: ReportInput): string {
  const { machine, node, runs, seed } = environment;
  const head = `# Gates: false promotions, false rollbacks, time to a verdict\n\n${runs} simulated releases to a cell, seed ${seed}; ${machine}; Node ${node}. Margin 2 points, stable serves nine times the canary, 60 minutes, a look each minute. Simulation only: no production traffic was available.`;
  const tables = groups(results).map(([title, cells]) => `## ${title}\n\n${table(cells)}`);
  return [head, ...tables, `## Stated risk\n\n${verdictOnRisk(results, statedRisk)}`].join('\n\n') + '\n';
}

function groups(results: readonly CellResult[]): readonly (readonly [string, readonly CellResult[]])[] {
  const titles = new Map<string, CellResult[]>();
  for (const result of results) {
    const { scenario, points, model } = result.cell;
    const title = `${success(model.baseline)} success, ${scenarios[scenario]}, ${effect(points)}`;
    titles.set(title, [...(titles.get(title) ?? []), result]);
  }
  return [...titles];
}

const scenarios: Readonly<Record<Scenario, string>> = {
  Steady: 'steady traffic', Outage: 'five-minute outage of both', Wobble: 'wandering error rate of both', Sessions: 'sessions of five requests that share their fate',
  SlowAnswers: 'failures at once, answers a minute later',
  MovedShare: 'the same, and the part of the traffic 50, 5, 25, 10 %',
  OutageBefore: 'after an outage that is in the past of stable',
  OtherStable: 'tried again, proven before against another stable revision',
};

function success(baseline: number): string {
  return percent(Number((1 - baseline).toFixed(6)));
}

function effect(points: number): string {
  return points === 0 ? 'canary as good as stable' : `canary ${points} ${points === 1 ? 'point' : 'points'} worse`;
}

function table(results: readonly CellResult[]): string {
  const rates = [...new Set(results.map((result) => result.cell.rate))];
  const names = [...new Set(results.map((result) => result.rule.name))];
  const rows = names.map((name) => [name, ...rates.map((rate) => entry(results.find((result) => result.rule.name === name && result.cell.rate === rate)))]);
  const lines = [['rule: promoted / rolled back, wrong [95 %], median minutes', ...rates.map((rate) => `${rate} rps`)], ['---', ...rates.map(() => '---')], ...rows];
  return lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

function entry(result: CellResult | undefined): string {
  if (result === undefined) return '';
  const { promoted, rolledBack, runs, minutesToPromote, minutesToRollback } = result;
  const wrong = wrongCount(result);
  const minutes = `${minutesToPromote ?? '-'} / ${minutesToRollback ?? '-'} min`;
  const shares = `${percent(promoted / runs)} / ${percent(rolledBack / runs)}`;
  if (wrong === undefined) return `${shares}, ${minutes}`;
  const { lower, upper } = exactInterval(wrong, runs, intervalAlpha);
  return `${shares}, wrong ${percent(wrong / runs)} [${percent(lower)}, ${percent(upper)}], ${minutes}`;
}

function percent(share: number): string {
  return `${Number((share * 100).toFixed(share > 0 && share < 0.01 ? 2 : 1))} %`;
}

function verdictOnRisk(results: readonly CellResult[], statedRisk: Readonly<Record<string, number>>): string {
  const stated = results.filter((result) => statedRisk[result.rule.id] !== undefined && wrongVerdict(result.cell) !== undefined);
  const worst = stated.toSorted((a, b) => (wrongCount(b) ?? 0) / b.runs - (wrongCount(a) ?? 0) / a.runs)[0];
  const against = contradictions(stated, statedRisk, contradictionAlpha);
  const largest = worst === undefined ? 'nothing was counted' : `the largest share of wrong endings is ${percent((wrongCount(worst) ?? 0) / worst.runs)} (${place(worst)})`;
  if (against.length === 0) return `Contradicted in none of ${stated.length} cells at ${1 - contradictionAlpha} each; ${largest}.`;
  return `CONTRADICTED in ${against.length} of ${stated.length} cells: ${against.map(place).join('; ')}; ${largest}.`;
}

function place({ rule, cell }: CellResult): string {
  return `${rule.name}, ${cell.rate} rps, ${success(cell.model.baseline)} success, ${effect(cell.points)}, ${scenarios[cell.scenario]}`;
}
