import type { Scenario } from './cells.ts';
import { wrongCount } from './interval.ts';
import { renderPlot, type Series } from './plot.ts';
import type { CellResult } from './simulate.ts';

export interface PlotFile {
  readonly file: string;
  readonly svg: string;
}

/** The plots of a report: how often each rule is wrong, and how soon it is right, by traffic. */
export function plotsOf(results: readonly CellResult[], risk: number): readonly PlotFile[] {
  const first = results[0]?.cell.model.baseline;
  const at = (points: number, scenario: Scenario, baseline = first) => results.filter(({ cell }) => cell.points === points && cell.scenario === scenario && cell.model.baseline === baseline);
  const wrong = (cells: readonly CellResult[]) => seriesOf(cells, (result) => ((wrongCount(result) ?? 0) / result.runs) * 100);
  const axis = { xLabel: 'canary requests a second' };
  const share = { ...axis, yLabel: '% of the releases', most: 100, limit: { y: risk * 100, name: `stated ${Number((risk * 100).toFixed(2))} %` } };
  return [
    { file: 'false-rollbacks.svg', svg: renderPlot({ ...share, title: 'False rollbacks of a healthy canary', series: wrong(at(0, 'Steady')) }) },
    { file: 'false-rollbacks-outage.svg', svg: renderPlot({ ...share, title: 'False rollbacks in a five-minute outage of both', series: wrong(at(0, 'Outage')) }) },
    { file: 'false-rollbacks-wobble.svg', svg: renderPlot({ ...share, title: 'False rollbacks while the error rate of both wanders', series: wrong(at(0, 'Wobble')) }) },
    { file: 'false-rollbacks-sessions.svg', svg: renderPlot({ ...share, title: 'False rollbacks where five requests share their fate', series: wrong(at(0, 'Sessions')) }) },
    { file: 'false-promotions.svg', svg: renderPlot({ ...share, title: 'False promotions of a canary 2 points worse', series: wrong(at(2, 'Steady')) }) },
    { file: 'false-promotions-sessions.svg', svg: renderPlot({ ...share, title: 'False promotions, 2 points worse, five requests share their fate', series: wrong(at(2, 'Sessions')) }) },
    { file: 'minutes-to-rollback.svg', svg: renderPlot({ ...axis, yLabel: 'median minutes', most: 60, title: 'Rolling back a canary 5 points worse', series: seriesOf(at(5, 'Steady'), (result) => result.minutesToRollback) }) },
    { file: 'minutes-to-promote.svg', svg: renderPlot({ ...axis, yLabel: 'median minutes', most: 60, title: 'Promoting a healthy canary', series: seriesOf(at(0, 'Steady'), (result) => result.minutesToPromote) }) },
  ];
}

function seriesOf(results: readonly CellResult[], value: (result: CellResult) => number | undefined): readonly Series[] {
  const names = [...new Set(results.map((result) => result.rule.name))];
  return names.map((name) => ({
    name,
    points: results
      .filter((result) => result.rule.name === name)
      .flatMap((result) => {
        const y = value(result);
        return y === undefined ? [] : [{ x: result.cell.rate, y }];
      }),
  }));
}
