import { expect, test } from 'vitest';
import { readVitestReport, type VitestReport } from './vitest-report.ts';

const EMPTY: VitestReport = { numPassedTests: 0, numFailedTests: 0, numPendingTests: 0, numTodoTests: 0, testResults: [] };

function file(name: string, status: string, tests: Readonly<Record<string, string>>, seconds = 1) {
  return { name: `/clone/${name}`, status, message: 'SyntaxError: unexpected\n  at x', startTime: 5_000, endTime: 5_000 + seconds * 1000, assertionResults: Object.entries(tests).map(([fullName, testStatus]) => ({ fullName, status: testStatus })) };
}

test('a green run is its number of tests and its slowest files', () => {
  const testResults = [file('a.test.ts', 'passed', { adds: 'passed' }, 1), file('b.test.ts', 'passed', { subtracts: 'passed' }, 3)];
  expect(readVitestReport({ ...EMPTY, numPassedTests: 2, testResults }, 0, '/clone')).toEqual({
    passed: 2,
    failed: 0,
    skipped: 0,
    remarks: [],
    longest: [
      { name: 'b.test.ts', seconds: 3 },
      { name: 'a.test.ts', seconds: 1 },
    ],
  });
});

test('failed and skipped tests are named', () => {
  const testResults = [file('a.test.ts', 'failed', { adds: 'failed', later: 'todo', here: 'skipped' })];
  const result = readVitestReport({ ...EMPTY, numFailedTests: 1, numPendingTests: 1, numTodoTests: 1, testResults }, 1, '/clone');
  expect(result).toMatchObject({ failed: 1, skipped: 2, remarks: ['a.test.ts: adds', 'a.test.ts: later (todo)', 'a.test.ts: here (skipped)'] });
});

test('a file that cannot be loaded is a failure', () => {
  const testResults = [file('a.test.ts', 'failed', {})];
  expect(readVitestReport({ ...EMPTY, testResults }, 1, '/clone')).toMatchObject({ failed: 1, remarks: ['a.test.ts: SyntaxError: unexpected'] });
});

test('a run that fails beside its tests is a failure', () => {
  expect(readVitestReport({ ...EMPTY, numPassedTests: 1 }, 1, '/clone')).toMatchObject({ passed: 1, failed: 1, remarks: [expect.stringContaining('beside its tests')] });
});
