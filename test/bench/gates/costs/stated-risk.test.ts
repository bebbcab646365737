import { expect, test } from 'vitest';
import { contradictionAlpha } from '../report.ts';
import { costCellsOf, costGrid, offEdgesGrid, wrongCostVerdict } from './cost-cells.ts';
import { renderCostReport } from './cost-report.ts';
import { costContradictions, simulateCosts } from './cost-simulation.ts';

const stated = { risk: 0.05, alpha: contradictionAlpha };

test('the stated risk of costs holds in every cell of a few releases, whatever lies between the edges', { timeout: 240_000 }, () => {
  const cells = costCellsOf({ ...costGrid, margins: [0.1, 0.2] });
  const results = simulateCosts({ cells, methods: ['Sums'], runs: 8, seed: 1 });
  expect(results).toHaveLength(4 * 2 * 5);
  expect(costContradictions(results, stated)).toEqual([]);
  const alike = results.filter(({ cell }) => cell.shape === 'Alike');
  for (const { cell, promoted, rolledBack, runs } of alike) {
    // What costs 4 % more was taken back at a margin of 20 %, and what costs 10 % more was promoted at one of 10 %.
    if (cell.ratio === 1.04) expect([promoted, rolledBack]).toEqual([runs, 0]);
    if (wrongCostVerdict(cell) === 'Promote') expect([promoted, rolledBack]).toEqual([0, runs]);
  }
});

test('costs that no edges are near to are not taken for equal', { timeout: 240_000 }, () => {
  const cells = costCellsOf({ ...offEdgesGrid, shapes: ['Alike'], ratios: [1, 1.4] });
  const results = simulateCosts({ cells, methods: ['Middles', 'Sums'], runs: 5, seed: 2 });
  const endings = results.filter(({ method }) => method === 'Sums').map(({ promoted, rolledBack }) => [promoted, rolledBack]);
  expect(endings).toEqual([[5, 0], [0, 5], [5, 0], [0, 5]]);
  const report = renderCostReport({ environment: { machine: 'test', node: '26', runs: 5, seed: 2 }, results, statedRisk: stated.risk, alpha: stated.alpha });
  expect(report).toContain('the stated 5 % is contradicted in 0; the largest share of wrong endings is 0 %');
  expect(report).toContain('| alike |  | $0.00002 | 20 % | 40 % | 0 %');
});
