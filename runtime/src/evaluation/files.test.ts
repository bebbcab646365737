import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SampleResult } from '@sluice/evals';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { appendResult, baselineResults, finishedResults } from './files.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sluice-results-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

const result = (name: string, verdict: SampleResult['verdict']): SampleResult => ({
  case: name, repeat: 1, digest: 'sha256:0123456789ab', verdict, reason: '', hard: false, weight: 1, tags: [], ...(verdict === 'Pass' ? { score: 1 } : {}),
});

const verdicts = (results: ReadonlyMap<string, SampleResult>) => [...results.values()].map((each) => [each.case, each.verdict]);

describe('a results log', () => {
  it('is what need not be asked again: neither what has no answer nor what nobody could grade', async () => {
    const log = join(folder, 'results.jsonl');
    for (const [name, verdict] of [['a', 'Pass'], ['b', 'Fail'], ['c', 'NotMeasured'], ['d', 'NoAnswer']] as const) appendResult(log, result(name, verdict));
    expect(verdicts(await finishedResults(log, 'LOG'))).toEqual([['a', 'Pass'], ['b', 'Fail']]);
    // Once there is a judge again.
    appendResult(log, result('c', 'Pass'));
    expect(verdicts(await finishedResults(log, 'LOG'))).toEqual([['a', 'Pass'], ['b', 'Fail'], ['c', 'Pass']]);
    expect(verdicts(await baselineResults(log, 'LOG'))).toEqual([['a', 'Pass'], ['b', 'Fail'], ['c', 'Pass']]);
  });

  it('is empty where there is none', async () => {
    expect(await finishedResults(undefined, 'LOG')).toEqual(new Map());
    expect(await finishedResults(join(folder, 'none'), 'LOG')).toEqual(new Map());
  });
});
