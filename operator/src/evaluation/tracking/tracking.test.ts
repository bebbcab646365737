import type { EvalRun, EvalRunStatus } from '@sluice/crds';
import { keptLine, type SampleResult } from '@sluice/evals/results';
import type { TrackedRun } from '@sluice/evals/mlflow';
import { configMaps, keyOf } from '@sluice/kube';
import { beforeEach, describe, expect, it } from 'vitest';
import { evalRuns } from '../../resources.ts';
import { moved } from '../kept.ts';
import { MemoryApi } from '../testing/memory-api.ts';
import { evalRun, goodReport } from '../testing/sample-run.ts';
import { TrackingReconciler } from './reconciler.ts';
import type { Told } from './tracking-server.ts';

const key = keyOf(evalRun());
const call = { signal: new AbortController().signal };

const sample = (name: string, verdict: 'Pass' | 'Fail'): SampleResult => ({ case: name, repeat: 1, digest: 'sha256:0123456789ab', verdict, score: verdict === 'Pass' ? 1 : 0, reason: '', hard: false, weight: 1, tags: [], costDollars: 0.5 });
const tail = [sample('refund-window', 'Pass'), sample('no-discount', 'Fail')].map((each) => `${keptLine(each)}\n`).join('');
const ended: EvalRunStatus = { phase: 'Failed', message: 'suite "golden": 1 of 2 cases passed', startedAt: '2026-03-01T10:00:00.000Z', finishedAt: '2026-03-01T10:01:00.000Z', report: goodReport, results: { chunks: 0, tail, read: 2, complete: true } };

let api: MemoryApi;
let runs: TrackedRun[];
let answers: Told[];
let reconciler: TrackingReconciler;

beforeEach(() => {
  api = new MemoryApi();
  runs = [];
  answers = [];
  const tell = async (run: TrackedRun): Promise<Told> => {
    runs.push(run);
    return answers.shift() ?? { kind: 'Told', page: 'http://mlflow/#/runs/1' };
  };
  reconciler = new TrackingReconciler({ client: api.client, evalRunType: evalRuns, evalRuns: api.view(evalRuns).store, server: { tell } });
});

const tell = () => reconciler.reconcile(key, call);
const status = (name = key.name) => api.list<EvalRun>(evalRuns).find(({ metadata }) => metadata.name === name)?.status;

describe('a run that has ended', () => {
  it('is told with its verdict and its numbers, once, by its UID', async () => {
    api.put(evalRuns, evalRun(ended));
    expect(await tell()).toEqual({});
    expect(status()).toEqual({ ...ended, tracking: { attempts: 1, page: 'http://mlflow/#/runs/1' } });
    expect(runs).toMatchObject([{
      experiment: 'sluice/shop/golden', name: 'golden support@0123456789', key: 'run-1', startedAt: Date.parse('2026-03-01T10:00:00Z'), endedAt: Date.parse('2026-03-01T10:01:00Z'),
      params: { candidate: 'support@0123456789' }, metrics: { cases: 2, passed: 1, failed: 1, cost_dollars: 1 }, tags: { 'sluice.verdict': 'Fail', 'sluice.eval_run': 'shop/support-2-golden', 'sluice.release': 'support-2' },
    }]);
    expect(await tell()).toEqual({});
    expect(runs).toHaveLength(1);
  });

  it('is told with the numbers of the stable revision, from wherever they are kept', async () => {
    const baseline = evalRun(undefined, { name: 'base', uid: 'run-0' });
    const { chunk, results } = moved(baseline, { chunks: 0, tail, read: 2, complete: true });
    api.put(configMaps, chunk!.configMap);
    api.put(evalRuns, { ...baseline, spec: { ...baseline.spec, revision: 'stable', purpose: 'Baseline' }, status: { ...ended, phase: 'Passed', results } });
    const run = evalRun(ended);
    api.put(evalRuns, { ...run, spec: { ...run.spec, comparison: { baselineRun: 'base', marginPoints: 10, preexisting: 'Fail' } } });
    await tell();
    expect(runs).toMatchObject([{ params: { baseline: 'support@stable' }, metrics: { 'baseline/cases': 2, 'baseline/failed': 1 } }]);
    await reconciler.reconcile({ ...key, name: 'base' }, call);
    expect(runs).toHaveLength(1);
  });
});

describe('a server that does not take it', () => {
  it('changes no verdict, is told in the status, and is tried again, ever later and not for ever', async () => {
    answers = Array.from({ length: 9 }, () => ({ kind: 'NotTold', problem: 'the MLflow server at http://mlflow cannot be reached' }));
    api.put(evalRuns, evalRun(ended));
    const waits: (number | undefined)[] = [];
    for (let attempt = 0; attempt < 6; attempt += 1) waits.push((await tell()).requeueAfterMs);
    expect(waits).toEqual([30_000, 120_000, 480_000, 1_920_000, undefined, undefined]);
    expect(runs).toHaveLength(5);
    expect(status()).toEqual({ ...ended, tracking: { attempts: 5, problem: 'it is not at the MLflow server: the MLflow server at http://mlflow cannot be reached' } });
  });

  it('and then does has the run', async () => {
    answers = [{ kind: 'NotTold', problem: 'x' }, { kind: 'Told', page: 'http://mlflow/#/runs/2', missing: 'the server does not keep artifacts itself' }];
    api.put(evalRuns, evalRun(ended));
    await tell();
    expect(status()?.tracking).toEqual({ attempts: 1, problem: 'it is not at the MLflow server yet: x' });
    await tell();
    expect(status()?.tracking).toEqual({ attempts: 2, page: 'http://mlflow/#/runs/2', problem: 'its reports are not there: the server does not keep artifacts itself' });
  });
});

it.each([
  ['goes on', { ...ended, phase: 'Running' as const }],
  ['was told', { ...ended, tracking: { attempts: 1, page: 'http://mlflow/#/runs/1' } }],
])('nothing is told of a run that %s', async (_title, before) => {
  api.put(evalRuns, evalRun(before));
  await tell();
  expect(runs).toEqual([]);
  expect(status()).toEqual(before);
});

it.each([
  ['were not all read', { ...ended, results: { chunks: 0, tail, read: 1, complete: false } }],
  ['are gone', { ...ended, results: { chunks: 1, read: 2, complete: true } }],
])('of a run whose results %s it is said that it cannot be told', async (_title, before) => {
  api.put(evalRuns, evalRun(before));
  await tell();
  expect(runs).toEqual([]);
  expect(status()?.tracking).toEqual({ attempts: 5, problem: 'it is not at the MLflow server: not all of its results are kept' });
});
