import { describe, expect, it } from 'vitest';
import { renderReport, type Result, targetTable } from './report.ts';
import type { RunFigures } from './run.ts';

function figures(changes: Partial<RunFigures> = {}): RunFigures {
  return { loadBefore: 0.5, readyMs: 800, idleMebibytes: 110, added: [{ rate: 50, p50: 0.5, p99: 2, failed: 0 }, { rate: 500, p50: 0.8, p99: 4, failed: 0 }], firstTextAdded: 1, requestsPerSecond: 900, requestsPerCpuSecond: 1_000, failed: 0, streams: { open: 10, mebibytes: 130 }, ...changes };
}

const sluice: Result = { contender: { id: 'sluice', name: 'Sluice' }, runs: [figures(), figures({ readyMs: 900 })] };
const litellm: Result = { contender: { id: 'litellm', name: 'LiteLLM proxy' }, runs: [figures({ requestsPerCpuSecond: 90, added: [{ rate: 50, p50: 9, p99: 30, failed: 1 }] })] };

describe('the report of the runtime', () => {
  it('has the median and the spread of each figure, and a dash for what was not measured', () => {
    const text = renderReport({ environment: { node: 'v26' }, rates: [50, 500], streams: 10, results: [sluice, litellm] });
    expect(text).toContain('| Sluice | 0.50 (0.50 … 0.50) | 2.00 (2.00 … 2.00) | 0.80 (0.80 … 0.80) | 4.00 (4.00 … 4.00) | 1.00 (1.00 … 1.00) | 0 (0 … 0) |');
    expect(text).toContain('| LiteLLM proxy | 9.00 | 30.00 | – | – | 1.00 | 1 |');
    expect(text).toContain('0.85 (0.80 … 0.90)');
  });

  it('holds the targets against the medians', () => {
    expect(targetTable([sluice, litellm]).map((row) => row.at(-1))).toEqual(['', 'met', 'met', 'met', 'met', 'met']);
    const slow: Result = { ...sluice, runs: [figures({ readyMs: 1_200, requestsPerCpuSecond: 500, idleMebibytes: 121 })] };
    expect(targetTable([slow, litellm]).slice(3).map((row) => row.at(-1))).toEqual(['not met', 'not met', 'not met']);
  });

  it('does not count as met what was not measured, and tells what failed', () => {
    const lost: Result = { ...sluice, runs: ['the agent server was not ready'] };
    expect(targetTable([lost]).slice(1).map((row) => row.at(-1))).toEqual(Array.from({ length: 5 }, () => 'not measured'));
    expect(renderReport({ environment: {}, rates: [50], streams: 10, results: [lost] })).toContain('Sluice failed: the agent server was not ready');
  });

  it('gives no memory for streams that were not all open', () => {
    const some: Result = { ...sluice, runs: [figures({ streams: { open: 9, mebibytes: 50 } })] };
    expect(renderReport({ environment: {}, rates: [50], streams: 10, results: [some] })).toMatch(/\| 110 \| – \| 9 \|/);
  });
});
