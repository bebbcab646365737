import type { EvalRun } from '@sluice/crds';
import { expect, it } from 'vitest';
import { evalRunMatters } from './run-changes.ts';
import { evalRun, goodReport, now } from './testing/sample-run.ts';
import { toldStatus } from './told-status.ts';

const run: EvalRun = evalRun({ phase: 'Running', message: '1/9', progress: { done: 1, total: 9, failed: 0, errored: 0 }, results: { chunks: 0, read: 1, complete: false, tail: 'a' } });
const further = { message: '2/9', progress: { done: 2, total: 9, failed: 0, errored: 0 }, results: { chunks: 0, read: 2, complete: false, tail: 'ab' } };
const becomes = (status: EvalRun['status'], metadata: Partial<EvalRun['metadata']> = {}) => evalRunMatters({ type: 'updated', previous: run, object: { ...run, metadata: { ...run.metadata, resourceVersion: '8', ...metadata }, status: status! } });

it.each<[string, EvalRun['status'], boolean]>([
  ['it is further', { phase: 'Running', ...further }, false],
  ['all of its results are kept', { phase: 'Running', ...further, results: { ...further.results, complete: true } }, true],
  ['it is measured', { phase: 'Running', ...further, report: goodReport }, true],
  ['its pod was lost', { phase: 'Pending', ...further }, true],
  ['another pod goes on', { phase: 'Running', ...further, attempt: 2 }, true],
  ['it has ended', { phase: 'Failed', ...further }, true],
])('a run: %s', (_, status, matters) => {
  expect(becomes(status)).toBe(matters);
});

it('a run that is further, in the words of its conditions, too', () => {
  const previous: EvalRun = { ...run, status: toldStatus(run, run.status!, now) };
  const object: EvalRun = { ...previous, status: toldStatus(previous, { phase: 'Running', ...further }, now) };
  expect(object.status?.conditions).not.toEqual(previous.status?.conditions);
  expect(evalRunMatters({ type: 'updated', previous, object })).toBe(false);
});

it('a run that goes, is another one\'s or is new', () => {
  expect(becomes(run.status, { deletionTimestamp: '2026-03-01T10:00:00Z' })).toBe(true);
  expect(becomes(run.status, { labels: { shard: 'b' } })).toBe(true);
  expect(evalRunMatters({ type: 'added', object: run, initial: 'live' })).toBe(true);
});

it('a run that waits says for what, and what is kept of it moves', () => {
  const waiting: EvalRun = { ...run, status: { phase: 'Pending', message: 'waits', results: further.results } };
  const change = (status: EvalRun['status']) => evalRunMatters({ type: 'updated', previous: waiting, object: { ...waiting, status: { ...waiting.status, ...status } } });
  expect([change({ message: 'waits for its Secret' }), change({ results: { chunks: 1, read: 0, complete: false } }), change({})]).toEqual([true, true, false]);
});
