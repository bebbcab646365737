import { exportRun, type MlflowServer, MlflowError, trackedEvaluation, type TrackedRun } from '@sluice/evals';
import type { EvalRun } from '@sluice/crds';
import { systemClock } from '@sluice/kube';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mlflowTracking } from '../../operator/src/evaluation/tracking/tracking-server.ts';
import { trackedEvalRun } from '../../operator/src/evaluation/tracking/tracked-eval-run.ts';
import { evaluated, onServer, systemTime } from './evaluated-run.ts';
import { startTrackingServer, type TrackingServer } from './mlflow-server.ts';

const stop = new AbortController();
const servers: TrackingServer[] = [];
let tracking: TrackingServer;

beforeAll(async () => {
  tracking = await startTrackingServer('ByTheServer', stop.signal);
  servers.push(tracking);
}, 1_500_000);

afterAll(async () => {
  stop.abort();
  for (const server of servers.splice(0)) await server.stop();
}, 60_000);

function tracked(changes: Partial<TrackedRun> = {}): TrackedRun {
  return { ...trackedEvaluation(evaluated, { experiment: 'sluice/golden', startedAt: systemTime, endedAt: systemTime + 2_000 }), ...changes };
}

const server = (): MlflowServer => onServer(tracking.url, stop.signal);

interface Found {
  readonly run: { readonly info: { readonly status: string; readonly run_name: string; readonly end_time: number }; readonly data: { readonly metrics: readonly object[]; readonly params: readonly object[]; readonly tags: readonly object[] } };
}

async function experimentOf(name: string): Promise<string> {
  const { experiment } = (await tracking.ask(`experiments/get-by-name?experiment_name=${encodeURIComponent(name)}`)) as { readonly experiment: { readonly experiment_id: string } };
  return experiment.experiment_id;
}

describe('a real MLflow tracking server', { timeout: 180_000 }, () => {
  it('keeps the run with its numbers, what was run and the reports', async () => {
    const { runId, page, artifactsMissing } = await exportRun(tracked(), server());
    expect([page, artifactsMissing]).toEqual([expect.stringContaining(`/runs/${runId}`), undefined]);
    const { run } = (await tracking.ask(`runs/get?run_id=${runId}`)) as Found;
    expect(run.info).toMatchObject({ status: 'FINISHED', run_name: 'golden support@r2', end_time: systemTime + 2_000 });
    expect(run.data.metrics).toContainEqual(expect.objectContaining({ key: 'pass_rate', value: 0.5 }));
    expect(run.data.metrics).toContainEqual(expect.objectContaining({ key: 'baseline/pass_rate', value: 1 }));
    expect(run.data.metrics).toContainEqual(expect.objectContaining({ key: 'tag/refund/pass_rate', value: 1 }));
    expect(run.data.params).toEqual(expect.arrayContaining([{ key: 'suite', value: 'golden' }, { key: 'candidate', value: 'support@r2' }, { key: 'baseline', value: 'support@r1' }, { key: 'model', value: 'model-1' }]));
    expect(run.data.tags).toContainEqual({ key: 'sluice.verdict', value: 'Fail' });
    const experiment = await experimentOf('sluice/golden');
    expect(await tracking.file(`${experiment}/${runId}/artifacts/report.md`)).toContain('## Evaluation of golden: Fail');
    expect(await tracking.file(`${experiment}/${runId}/artifacts/junit.xml`)).toContain('failures="2"');
    expect(JSON.parse(await tracking.file(`${experiment}/${runId}/artifacts/cases.json`))).toHaveLength(2);
  });

  it('has it once, however often a Job tells it', async () => {
    const first = await exportRun(tracked({ key: 'uid-1' }), server());
    expect(await exportRun(tracked({ key: 'uid-1' }), server())).toMatchObject({ runId: first.runId });
    expect((await exportRun(tracked({ key: 'uid-2' }), server())).runId).not.toBe(first.runId);
  });

  it('has what the operator tells of an EvalRun, once', async () => {
    const evalRun: EvalRun = {
      apiVersion: 'sluice.dev/v1alpha1', kind: 'EvalRun', metadata: { namespace: 'shop', name: 'support-2-golden', uid: 'uid-of-the-run' },
      spec: { agentName: 'support', revision: '0123456789', release: 'support-2', suite: { name: 'golden', digest: 'sha256:2' }, minPassPercent: 100 },
      status: { phase: 'Failed', message: 'suite "golden": 0 of 1 cases passed', startedAt: '2026-03-01T10:00:00.000Z', finishedAt: '2026-03-01T10:01:00.000Z' },
    };
    const results = new Map([['a', { case: 'a', repeat: 1, digest: 'sha256:012345678901', verdict: 'Fail' as const, score: 0, reason: 'does not hold "x"', hard: false, weight: 1, tags: [], costDollars: 0.25 }]]);
    const operator = mlflowTracking({ url: tracking.url }, systemClock);
    const told = await operator.tell(trackedEvalRun({ evalRun, results }), stop.signal);
    expect(told).toEqual({ kind: 'Told', page: expect.stringContaining('/runs/'), missing: undefined });
    expect(await operator.tell(trackedEvalRun({ evalRun, results }), stop.signal)).toEqual(told);
    const runId = told.kind === 'Told' ? told.page.split('/').at(-1) : '';
    const { run } = (await tracking.ask(`runs/get?run_id=${runId}`)) as Found;
    expect(run.data.metrics).toEqual(expect.arrayContaining([expect.objectContaining({ key: 'failed', value: 1 }), expect.objectContaining({ key: 'cost_dollars', value: 0.25 })]));
    expect(run.data.tags).toEqual(expect.arrayContaining([{ key: 'sluice.verdict', value: 'Fail' }, { key: 'sluice.eval_run', value: 'shop/support-2-golden' }]));
    expect(await experimentOf('sluice/shop/golden')).toBeDefined();
  });

  it('takes more metrics than one call may carry', async () => {
    const metrics = Object.fromEntries(Array.from({ length: 900 }, (_value, index) => [`case/${index}`, index]));
    const { runId } = await exportRun(tracked({ metrics }), server());
    const { run } = (await tracking.ask(`runs/get?run_id=${runId}`)) as Found;
    expect(run.data.metrics).toHaveLength(900);
  });

  it('refuses what is in its bin, which is told', async () => {
    const name = 'sluice/gone';
    await exportRun(tracked({ experiment: name }), server());
    await tracking.ask('experiments/delete', { experiment_id: await experimentOf(name) });
    await expect(exportRun(tracked({ experiment: name }), server())).rejects.toThrow(`the experiment "${name}" is deleted`);
  });

  it('is told of by a sentence when it is gone', async () => {
    const gone = await startTrackingServer('Elsewhere', stop.signal);
    servers.push(gone);
    expect(await exportRun(tracked(), onServer(gone.url, stop.signal))).toMatchObject({ artifactsMissing: 'the server does not keep artifacts itself' });
    await gone.stop();
    const failure = exportRun(tracked(), onServer(gone.url, stop.signal));
    await expect(failure).rejects.toThrow(MlflowError);
    await expect(failure).rejects.toThrow(`the MLflow server at ${gone.url} cannot be reached`);
  }, 600_000);
});
