import { appendFileSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { cellsOf, quickGrid } from './cells.ts';
import { contenders } from './contenders.ts';
import { costCellsOf, costGrid } from './costs/cost-cells.ts';
import { simulateCosts } from './costs/cost-simulation.ts';
import { codeDigest, keptInFile } from './kept-cells.ts';
import { simulate } from './simulate.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-kept-cells-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});
const file = () => join(folder, 'cells.jsonl');
const cells = cellsOf({ ...quickGrid, rates: [0.1], points: [0, 5], scenarios: ['Steady'] });
const few = { cells, rulesFor: contenders, runs: 3, seed: 1 };

describe('a run that was stopped', () => {
  test('goes on with the cells that are not finished, and comes to the same', () => {
    const whole = simulate(few);
    const first = simulate({ ...few, cells: cells.slice(0, 1), kept: keptInFile(file(), 'code') });
    expect(first).toEqual(whole.filter(({ cell }) => cell === cells[0]));
    const decided: string[] = [];
    const rulesFor: typeof contenders = (cell) => contenders(cell).map((rule) => ({ ...rule, decide: (minutes) => (decided.push(String(cell.points)), rule.decide(minutes)) }));
    expect(simulate({ ...few, rulesFor, kept: keptInFile(file(), 'code') })).toEqual(whole);
    expect([...new Set(decided)]).toEqual(['5']);
  });

  test('goes on with costs, too', () => {
    const costs = { cells: costCellsOf({ ...costGrid, shapes: ['Alike'], ratios: [1, 1.4], margins: [0.2] }), methods: ['Middles', 'Sums'] as const, runs: 2, seed: 1 };
    const whole = simulateCosts(costs);
    expect(simulateCosts({ ...costs, kept: keptInFile(file(), 'code') })).toEqual(whole);
    const lines = readFileSync(file(), 'utf8');
    expect(simulateCosts({ ...costs, kept: keptInFile(file(), 'code') })).toEqual(whole);
    expect(readFileSync(file(), 'utf8')).toBe(lines);
  });

  test('passes over the line that it was killed in', () => {
    const whole = simulate({ ...few, kept: keptInFile(file(), 'code') });
    truncateSync(file(), readFileSync(file()).length - 20);
    expect(simulate({ ...few, kept: keptInFile(file(), 'code') })).toEqual(whole);
    expect(readFileSync(file(), 'utf8').trimEnd().split('\n')).toHaveLength(3);
  });

  test('takes no lines that are something else', () => {
    appendFileSync(file(), 'null\n{"key":1,"tallies":[]}\n[]\n');
    expect(simulate({ ...few, kept: keptInFile(file(), 'code') })).toEqual(simulate(few));
  });
});

test.each([
  ['another code', 'other code', {}],
  ['another seed', 'code', { seed: 2 }],
  ['another number of releases', 'code', { runs: 4 }],
  ['other rules', 'code', { rulesFor: (cell: (typeof cells)[number]) => contenders(cell).slice(1) }],
])('a cell that %s came to is simulated anew', (_, code, change) => {
  simulate({ ...few, kept: keptInFile(file(), 'code') });
  expect(simulate({ ...few, ...change, kept: keptInFile(file(), code) })).toEqual(simulate({ ...few, ...change }));
  expect(readFileSync(file(), 'utf8').trimEnd().split('\n')).toHaveLength(4);
});

test('the digest of the code goes by what simulates: not by tests, nor by what only shows the results', () => {
  const write = (name: string, text: string) => writeFileSync(join(folder, name), text);
  write('simulate.ts', '1');
  write('report.ts', '1');
  const digest = () => codeDigest([folder], ['report.ts']);
  const before = digest();
  write('simulate.test.ts', '1');
  write('report.ts', '2');
  write('notes.md', '1');
  expect(digest()).toBe(before);
  write('simulate.ts', '2');
  expect(digest()).not.toBe(before);
});
