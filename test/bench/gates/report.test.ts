import { describe, expect, test } from 'vitest';
import { cellsOf, fullGrid, quickGrid, wrongVerdict } from './cells.ts';
import { contradictions, exactInterval } from './interval.ts';
import { OptionsError, parseOptions } from './options.ts';
import { renderPlot } from './plot.ts';
import { plotsOf } from './plots.ts';
import { renderReport } from './report.ts';
import type { CellResult } from './simulate.ts';

const environment = { machine: '2 x Test', node: '26.0.0', runs: 100, seed: 1 };
const [healthy, slightly, worse] = cellsOf({ rates: [1], points: [0, 1, 2], scenarios: ['Steady'], baselines: [0.02] });
const result = (cell: typeof healthy, promoted: number, rolledBack: number, id = 'sluice'): CellResult => ({ cell: cell!, rule: { id, name: id }, runs: 100, promoted, rolledBack, minutesToPromote: promoted > 0 ? 9 : undefined, minutesToRollback: rolledBack > 0 ? 3 : undefined });

describe('cells', () => {
  test('cover rates, losses and what hits both', () => {
    expect([cellsOf(fullGrid).length, cellsOf(quickGrid).length]).toEqual([160, 36]);
    expect([healthy, slightly, worse].map((cell) => wrongVerdict(cell!))).toEqual(['Rollback', undefined, 'Promote']);
  });
});

describe('intervals and contradictions', () => {
  test('are exact', () => {
    expect(exactInterval(0, 100, 0.025)).toEqual({ lower: 0, upper: expect.closeTo(0.0362, 4) });
    expect(exactInterval(10, 100, 0.025)).toEqual({ lower: expect.closeTo(0.049, 3), upper: expect.closeTo(0.1762, 3) });
  });

  test('name a cell only when chance does not explain it, and only for rules that state a risk', () => {
    const results = [result(healthy, 90, 10), result(healthy, 80, 20), result(worse, 30, 70), result(healthy, 0, 100, 'argo'), result(slightly, 50, 50)];
    expect(contradictions(results, { sluice: 0.05 }, 0.001)).toEqual([results[1], results[2]]);
  });
});

describe('the report', () => {
  test('tells shares, what is wrong with its interval, and minutes', () => {
    const report = renderReport({ environment, results: [result(healthy, 96, 2), result(worse, 1, 98)], statedRisk: { sluice: 0.05 } });
    expect(report).toContain('100 simulated releases to a cell, seed 1; 2 x Test; Node 26.0.0');
    expect(report).toContain('## 98 % success, steady traffic, canary as good as stable');
    expect(report).toContain('| sluice | 96 % / 2 %, wrong 2 % [0.24 %, 7 %], 9 / 3 min |');
    expect(report).toContain('Contradicted in none of 2 cells');
  });

  test('says aloud where the stated risk does not hold', () => {
    expect(renderReport({ environment, results: [result(healthy, 60, 40)], statedRisk: { sluice: 0.05 } })).toContain('CONTRADICTED in 1 of 1 cells: sluice, 1 rps, 98 % success, canary as good as stable, steady traffic');
  });
});

describe('plots', () => {
  test('are SVG with a line to each series, labels escaped', () => {
    const svg = renderPlot({ title: 'a < b', xLabel: 'x', yLabel: 'y', most: 100, limit: { y: 5, name: 'stated 5 %' }, series: [{ name: 'one', points: [{ x: 1, y: 0 }, { x: 10, y: 100 }] }] });
    expect(svg).toContain('<polyline');
    expect(svg).toContain('points="60,300 450,60"');
    expect(svg).toContain('a &lt; b');
    expect(svg).toContain('>stated 5 %</text>');
    expect(svg).not.toContain('NaN');
  });

  test('show lines of the same course beneath each other', () => {
    const points = [{ x: 1, y: 0 }, { x: 10, y: 100 }];
    const svg = renderPlot({ title: '', xLabel: '', yLabel: '', most: 100, series: ['one', 'two', 'three'].map((name) => ({ name, points })) });
    expect([...svg.matchAll(/stroke-width="([^"]+)"/g)].map(([, width]) => Number(width))).toEqual([3.6, 2.8, 2]);
  });

  test('are drawn for one rate and for none', () => {
    for (const results of [[result(healthy, 96, 2), result(worse, 1, 98)], []]) {
      for (const { svg } of plotsOf(results, 0.05)) expect(svg).not.toContain('NaN');
    }
  });
});

describe('options', () => {
  test('default to the full grid and shrink with --quick', () => {
    expect(parseOptions([])).toEqual({ help: 'hidden', what: 'Rates', report: 'report.md', grid: fullGrid, runs: 1000, seed: 1, plots: undefined, resume: undefined });
    expect(parseOptions(['--quick', '--seed', '7', '--plots', 'out', '--resume', 'cells.jsonl'])).toMatchObject({ grid: quickGrid, runs: 50, seed: 7, plots: 'out', resume: 'cells.jsonl' });
  });

  test('name the report, so that one does not replace another', () => {
    expect([[], ['--quick'], ['--retried'], ['--slow'], ['--unsteady'], ['--costs']].map((args) => parseOptions(args).report)).toEqual(['report.md', 'report.md', 'retried.md', 'slow.md', 'unsteady.md', 'costs.md']);
  });

  test.each([[['--runs', '0'], '--runs is 0'], [['--runs', 'many'], '--runs is many'], [['--fast'], '--fast']])('refuses %j', (args, message) => {
    expect(() => parseOptions(args)).toThrow(OptionsError);
    expect(() => parseOptions(args)).toThrow(message);
  });
});
