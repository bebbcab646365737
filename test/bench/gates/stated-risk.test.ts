import { expect, test } from 'vitest';
import { cellsOf, quickGrid, retriedGrid, slowGrid, unsteadyGrid } from './cells.ts';
import { contenders, statedRisk } from './contenders.ts';
import { contradictions } from './interval.ts';
import { contradictionAlpha } from './report.ts';
import { simulate } from './simulate.ts';

/** Releases to a cell: few, for a busy machine; the bench runs thousands. */
const runs = 25;

test('the stated risk holds within its interval in every cell, and the gates decide', { timeout: 240_000 }, () => {
  const results = simulate({ cells: cellsOf(quickGrid), rulesFor: (cell) => contenders(cell).filter((rule) => statedRisk[rule.id] !== undefined), runs, seed: 1 });
  expect(results).toHaveLength(2 * 36);
  expect(contradictions(results, statedRisk, contradictionAlpha)).toEqual([]);
  const steady = results.filter(({ cell }) => cell.scenario === 'Steady' && cell.rate >= 1);
  for (const { cell, promoted, rolledBack } of steady) {
    if (cell.points === 0) expect(promoted).toBeGreaterThan(runs * 0.8);
    if (cell.points === 5) expect(rolledBack).toBe(runs);
  }
});

test('the stated risk holds for a retry, though the revision was proven against another stable one', { timeout: 240_000 }, () => {
  const results = simulate({ cells: cellsOf(retriedGrid), rulesFor: (cell) => contenders(cell).filter((rule) => statedRisk[rule.id] !== undefined), runs, seed: 1 });
  expect(results).toHaveLength(2 * 9);
  expect(contradictions(results, statedRisk, contradictionAlpha)).toEqual([]);
  expect(results.filter(({ cell }) => cell.points === 5 && cell.rate >= 1).map(({ rolledBack }) => rolledBack)).toEqual([runs, runs, runs, runs]);
});

test('the stated risk holds where failures end sooner than answers', { timeout: 240_000 }, () => {
  const results = simulate({ cells: cellsOf(slowGrid), rulesFor: (cell) => contenders(cell).filter((rule) => statedRisk[rule.id] !== undefined), runs, seed: 1 });
  expect(results).toHaveLength(2 * 12);
  expect(contradictions(results, statedRisk, contradictionAlpha)).toEqual([]);
  for (const { cell, promoted, rolledBack } of results.filter(({ cell: { rate } }) => rate >= 1)) {
    if (cell.points === 0) expect(promoted).toBeGreaterThan(runs * 0.8);
    if (cell.points === 5) expect(rolledBack).toBe(runs);
  }
});

test('the stated risk holds where the part of the traffic rises and falls, and after an outage that is in the past', { timeout: 240_000 }, () => {
  const results = simulate({ cells: cellsOf(unsteadyGrid), rulesFor: (cell) => contenders(cell).filter((rule) => statedRisk[rule.id] !== undefined), runs, seed: 1 });
  expect(results).toHaveLength(2 * 24);
  expect(contradictions(results, statedRisk, contradictionAlpha)).toEqual([]);
  for (const { cell, promoted, rolledBack } of results.filter(({ cell: { rate } }) => rate >= 1)) {
    if (cell.points === 0) expect(promoted).toBeGreaterThan(runs * 0.8);
    if (cell.points === 5) expect(rolledBack).toBe(runs);
  }
});

test('the same seed gives the same results, another one others', { timeout: 60_000 }, () => {
  const few = (seed: number) => simulate({ cells: cellsOf({ ...quickGrid, rates: [1], points: [1], scenarios: ['Wobble'] }), rulesFor: contenders, runs: 20, seed });
  expect(few(3)).toEqual(few(3));
  expect(few(3)).not.toEqual(few(4));
});
