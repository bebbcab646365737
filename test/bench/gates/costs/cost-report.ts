import { exactInterval } from '../interval.ts';
import type { CostGap } from './cost-cells.ts';
import { type CostResult, costContradictions, wrongCosts } from './cost-simulation.ts';

export interface CostReport {
  readonly environment: { readonly machine: string; readonly node: string; readonly runs: number; readonly seed: number };
  readonly results: readonly CostResult[];
  readonly statedRisk: number;
  /** Error of each interval by which the stated risk is held against what was counted. */
  readonly alpha: number;
}

/** As Markdown: the shares of wrong endings of what is in force beside those of the method before it. */
export function renderCostReport({ environment: { machine, node, runs, seed }, results, statedRisk, alpha }: CostReport): string {
  const contradicted = costContradictions(results, { risk: statedRisk, alpha });
  const judged = results.filter((result) => result.method === 'Sums' && wrongCosts(result) !== undefined);
  const largest = Math.max(0, ...judged.map((result) => (wrongCosts(result) ?? 0) / result.runs));
  return [
    '# Costs, simulated', '',
    `${machine}; Node ${node}; ${runs} releases to a cell, seed ${seed}. One canary request in five, 60 a minute, an hour, a look each minute. "Sums" is in force, "middles" was before decision record 34. Wrong is to promote what costs more by the margin, and to take back what costs more by half of it at most.`, '',
    `Of ${judged.length} cells with a wrong ending the stated ${share(statedRisk)} is contradicted in ${contradicted.length}; the largest share of wrong endings is ${share(largest)}.`, '',
    '| costs | not told | mean | margin | costs more | sums: wrong | promoted | taken back | minutes | middles: wrong | promoted | taken back |',
    '|---|---|---|---|---|---|---|---|---|---|---|---|',
    ...rowsOf(results), '',
  ].join('\n');
}

const gapWords: Readonly<Record<CostGap, string>> = {
  OldCanary: 'the two newest edges, by the canary', HalfOfCanary: 'every other edge, by the canary', HalfOfBoth: 'every other edge', DecadesOfCanary: 'all edges but decades, by the canary', NoSums: 'the sums',
};

function rowsOf(results: readonly CostResult[]): string[] {
  const before = new Map(results.filter(({ method }) => method === 'Middles').map((result) => [result.cell, result]));
  return results.filter(({ method }) => method === 'Sums').map((result) => {
    const { shape, dollars, margin, ratio, gap } = result.cell;
    const old = before.get(result.cell);
    const endings = (of: CostResult | undefined) => (of === undefined ? ['', '', ''] : [wrongText(of), share(of.promoted / of.runs), share(of.rolledBack / of.runs)]);
    return `| ${[shape.toLowerCase(), gap === undefined ? '' : gapWords[gap], `$${dollars}`, share(margin), share(ratio - 1), ...endings(result), result.minutes ?? '-', ...endings(old)].join(' | ')} |`;
  });
}

/** With the interval of 95 %. */
function wrongText(result: CostResult): string {
  const wrong = wrongCosts(result);
  if (wrong === undefined) return '-';
  const { lower, upper } = exactInterval(wrong, result.runs, 0.025);
  return `${share(wrong / result.runs)} (${share(lower)} to ${share(upper)})`;
}

function share(value: number): string {
  return `${Number((value * 100).toFixed(1))} %`;
}
