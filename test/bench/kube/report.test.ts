import { describe, expect, it } from 'vitest';
import { markdownReport, textReport } from './report.ts';
import { sampleResults } from './sample-results.ts';

const report = {
  environment: { node: 'v1.2.3', 'client-go': 'v0.1.0' },
  runs: 2,
  results: [sampleResults({ own: [10, 14], 'client-go': [20, undefined], 'client-node': [30, 42] })],
};

describe('markdownReport', () => {
  it('tells machine, spread, failures and targets', () => {
    const text = markdownReport(report);
    expect(text).toContain('| node | v1.2.3 |');
    expect(text).toContain('### A sample (`sample`)');
    expect(text).toContain('| own | 12.0 (10.0 … 14.0) |');
    expect(text).toContain('| client-go (failed 1 of 2 runs) | 20.0 |');
    expect(text).toContain('client-go failed: it broke: badly');
    expect(text).toContain('| sample | CPU µs | 0.50 | met | 3.00 (3.00 … 3.00) | met |');
  });

  it('marks what was not measured', () => {
    const text = markdownReport({ ...report, results: [sampleResults({ own: [undefined] })] });
    expect(text).toContain('| own (failed 1 of 1 runs) | – |');
    expect(text).toContain('| sample | CPU µs | – | not measured | – | not measured |');
  });
});

describe('textReport', () => {
  it('aligns the columns of a table', () => {
    const lines = textReport(report).split('\n');
    const row = lines.find((line) => line.startsWith('own'));
    const head = lines.find((line) => line.trim() === 'CPU µs');
    expect(row?.length).toBe(head?.length);
  });
});
