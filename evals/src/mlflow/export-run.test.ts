import { describe, expect, it } from 'vitest';
import type { CaseOutcome } from '../runner/case-outcome.ts';
import { createFakeClock, type FakeClock } from '../testing/fake-clock.ts';
import { exportRun } from './export-run.ts';
import { MlflowError } from './mlflow-error.ts';
import { type EvaluatedRun, trackedEvaluation, type TrackedRun } from './tracked-run.ts';
import type { MlflowServer } from './tracking-api.ts';

const passed: CaseOutcome = { name: 'a', hard: true, weight: 1, tags: ['refund'], verdict: 'Passed', reason: '', score: 1, flaky: false, digest: 'd', latencyMs: 40 };
const errored: CaseOutcome = { ...passed, name: 'b', hard: false, tags: [], verdict: 'Errored', reason: 'no answer', score: undefined, latencyMs: undefined };
const evaluated: EvaluatedRun = { suite: { name: 'golden', digest: 'sha256:1' }, candidate: 'support@r2', baseline: 'support@r1', model: 'm', outcomes: [passed, errored], baselineOutcomes: [passed], verdict: { verdict: 'NotMeasured', messages: ['b has no result'] } };
const where = { experiment: 'sluice/golden', startedAt: 1_000, endedAt: 3_000 };
const run = (changes: Partial<TrackedRun> = {}): TrackedRun => ({ ...trackedEvaluation(evaluated, where), ...changes });

interface Asked {
  readonly method: string;
  readonly path: string;
  readonly body: Record<string, unknown>;
  readonly headers: Headers;
}

type Reply = readonly [number, unknown];

const missing: Reply = [404, { error_code: 'RESOURCE_DOES_NOT_EXIST' }];
const info = { run_id: 'run1', artifact_uri: 'mlflow-artifacts:/7/run1/artifacts' };
const usual: Readonly<Record<string, Reply>> = {
  'experiments/get-by-name': [200, { experiment: { experiment_id: '7' } }],
  'experiments/create': [200, { experiment_id: '7' }],
  'runs/create': [200, { run: { info } }],
  'runs/search': [200, {}],
  'runs/log-batch': [200, {}],
  'runs/update': [200, {}],
  artifacts: [200, {}],
};

function server(replies: Readonly<Record<string, Reply>> = {}, changes: Partial<MlflowServer> = {}): { readonly server: MlflowServer; readonly asked: readonly Asked[]; readonly clock: FakeClock } {
  const asked: Asked[] = [];
  const clock = createFakeClock();
  const fetch: MlflowServer['fetch'] = async (input, init) => {
    const url = new URL(input);
    const text = init.body ?? '';
    const isJson = text.startsWith('{') && url.pathname.includes('/mlflow/');
    asked.push({ method: init.method, path: url.pathname + url.search, body: isJson ? (JSON.parse(text) as Record<string, unknown>) : {}, headers: new Headers(init.headers) });
    const call = /mlflow\/(\w+\/[\w-]+)$/.exec(url.pathname)?.[1] ?? 'artifacts';
    const [status, body] = replies[call] ?? usual[call] ?? [500, {}];
    return new Response(typeof body === 'string' ? body : JSON.stringify(body), { status });
  };
  return { server: { url: 'http://mlflow.test', fetch, clock, signal: new AbortController().signal, ...changes }, asked, clock };
}

const callsOf = (asked: readonly Asked[]): readonly string[] => asked.map(({ method, path }) => `${method} ${path.split('?')[0]}`);

describe('a run told to MLflow', () => {
  it('is begun, measured, given its reports and ended', async () => {
    const { server: mlflow, asked } = server();
    expect(await exportRun(run(), mlflow)).toEqual({ runId: 'run1', page: 'http://mlflow.test/#/experiments/7/runs/run1', artifactsMissing: undefined });
    expect(callsOf(asked)).toEqual([
      'GET /api/2.0/mlflow/experiments/get-by-name',
      'POST /api/2.0/mlflow/runs/create',
      'POST /api/2.0/mlflow/runs/log-batch',
      'POST /api/2.0/mlflow/runs/log-batch',
      ...['report.md', 'junit.xml', 'cases.json'].map((name) => `PUT /api/2.0/mlflow-artifacts/artifacts/7/run1/artifacts/${name}`),
      'POST /api/2.0/mlflow/runs/update',
    ]);
    expect(asked[0]?.path).toContain('experiment_name=sluice%2Fgolden');
    expect(asked[1]?.body).toMatchObject({ experiment_id: '7', run_name: 'golden support@r2', start_time: 1_000, tags: [{ key: 'sluice.verdict', value: 'NotMeasured' }, { key: 'mlflow.note.content', value: expect.stringContaining('b has no result') }] });
    expect(asked[2]?.body['params']).toContainEqual({ key: 'baseline', value: 'support@r1' });
    expect(asked.at(-1)?.body).toEqual({ run_id: 'run1', status: 'FINISHED', end_time: 3_000 });
  });

  it('counts what has no result as not passed, and has no mean of nothing', () => {
    expect(run().metrics).toEqual({ cases: 2, passed: 1, failed: 0, errored: 1, hard_failed: 0, flaky: 0, pass_rate: 0.5, mean_score: 1, mean_latency_ms: 40, max_latency_ms: 40, 'tag/refund/pass_rate': 1, 'baseline/cases': 1, 'baseline/passed': 1, 'baseline/failed': 0, 'baseline/errored': 0, 'baseline/hard_failed': 0, 'baseline/flaky': 0, 'baseline/pass_rate': 1, 'baseline/mean_score': 1, 'baseline/mean_latency_ms': 40, 'baseline/max_latency_ms': 40, 'baseline/tag/refund/pass_rate': 1 });
    expect(Object.keys(trackedEvaluation({ ...evaluated, outcomes: [errored], baselineOutcomes: undefined }, where).metrics)).not.toContain('mean_score');
  });

  it('leaves out numbers that are none, which the server would refuse with all the others', async () => {
    const { server: mlflow, asked } = server();
    await exportRun(run({ metrics: { good: 1, bad: Number.NaN } }), mlflow);
    expect(asked[3]?.body['metrics']).toEqual([{ key: 'good', value: 1, timestamp: 3_000, step: 0 }]);
  });

  it('splits what is too much for one call', async () => {
    const { server: mlflow, asked } = server();
    const metrics = Object.fromEntries(Array.from({ length: 1_700 }, (_value, index) => [`m${index}`, index]));
    await exportRun(run({ metrics }), mlflow);
    expect(asked.flatMap(({ body }) => (Array.isArray(body['metrics']) ? [body['metrics'].length] : []))).toEqual([800, 800, 100]);
  });

  it('makes the experiment, also when another one makes it at the same time', async () => {
    const created = server({ 'experiments/get-by-name': missing });
    await exportRun(run(), created.server);
    expect(created.asked[1]).toMatchObject({ method: 'POST', body: { name: 'sluice/golden' } });
    let looks = 0;
    const raced = server({ 'experiments/create': [400, { error_code: 'RESOURCE_ALREADY_EXISTS' }] });
    const fetch: MlflowServer['fetch'] = async (url, init) => (url.includes('get-by-name') && (looks += 1) === 1 ? new Response(JSON.stringify(missing[1]), { status: 404 }) : raced.server.fetch(url, init));
    expect(await exportRun(run(), { ...raced.server, fetch })).toMatchObject({ runId: 'run1' });
  });

  it('is not told twice under one key', async () => {
    const { server: mlflow, asked } = server({ 'runs/search': [200, { runs: [{ info: { ...info, run_id: 'earlier' } }] }] });
    expect(await exportRun(run({ key: 'uid-1' }), mlflow)).toMatchObject({ runId: 'earlier' });
    expect(asked.at(-1)?.body).toMatchObject({ filter: "tags.`sluice.key` = 'uid-1' and attributes.status = 'FINISHED'" });
    await expect(exportRun(run({ key: "' or 1=1" }), mlflow)).rejects.toThrow('is no key of a run');
  });

  it.each([
    ['elsewhere', { 'runs/create': [200, { run: { info: { ...info, artifact_uri: 's3://bucket/7' } } }] }, 'the server does not keep artifacts itself'],
    ['by a server that refuses them', { artifacts: [413, {}] }, 'the server refused report.md with HTTP 413'],
  ] as const)('is there although its reports would be kept %s', async (_name, replies, reason) => {
    const { server: mlflow, asked } = server(replies);
    expect(await exportRun(run(), mlflow)).toMatchObject({ runId: 'run1', artifactsMissing: reason });
    expect(asked.at(-1)?.body).toMatchObject({ status: 'FINISHED' });
  });
});

describe('an MLflow server that does not do its part', () => {
  const secret = { authorization: 'Bearer tok-secret' };

  it.each<[string, Readonly<Record<string, Reply>>, string]>([
    ['asks for a login', { 'experiments/get-by-name': [401, 'tok-secret'] }, 'refused /api/2.0/mlflow/experiments/get-by-name with HTTP 401: set MLFLOW_TRACKING_TOKEN'],
    ['is broken', { 'runs/create': [500, 'tok-secret'] }, 'refused /api/2.0/mlflow/runs/create with HTTP 500'],
    ['refuses with a code', { 'runs/log-batch': [400, { error_code: 'INVALID_PARAMETER_VALUE', message: 'tok-secret' }] }, 'with HTTP 400 (INVALID_PARAMETER_VALUE)'],
    ['is something else', { 'experiments/get-by-name': [200, '<html>tok-secret'] }, 'as no MLflow server does: check the address'],
    ['has the experiment in its bin', { 'experiments/get-by-name': [200, { experiment: { experiment_id: '7', lifecycle_stage: 'deleted' } }] }, 'the experiment "sluice/golden" is deleted at http://mlflow.test: restore it, or name another one'],
  ])('because it %s, is told of without a credential', async (_name, replies, sentence) => {
    const { server: mlflow, asked } = server(replies, secret);
    const failure = exportRun(run(), mlflow);
    await expect(failure).rejects.toThrow(MlflowError);
    await expect(failure).rejects.toThrow(sentence);
    await expect(failure).rejects.not.toThrow('tok-secret');
    expect(asked[0]?.headers.get('authorization')).toBe('Bearer tok-secret');
  });

  it('has a run that broke off marked as failed', async () => {
    const { server: mlflow, asked } = server({ 'runs/log-batch': [500, {}] });
    await expect(exportRun(run(), mlflow)).rejects.toThrow('HTTP 500');
    expect(asked.at(-1)?.body).toEqual({ run_id: 'run1', status: 'FAILED', end_time: 3_000 });
  });

  it('is not waited for', async () => {
    const { server: mlflow, clock } = server({}, { fetch: () => new Promise(() => undefined) });
    const failure = expect(exportRun(run(), mlflow)).rejects.toThrow('did not answer within 20 s');
    clock.advance(20_000);
    await failure;
  });

  it('is let go when the command is stopped', async () => {
    const stop = new AbortController();
    const { server: mlflow } = server({}, { fetch: () => new Promise(() => undefined), signal: stop.signal });
    const failure = expect(exportRun(run(), mlflow)).rejects.toThrow('received SIGINT');
    stop.abort(new Error('received SIGINT'));
    await failure;
  });

  it('cannot be reached', async () => {
    const { server: mlflow } = server({}, { fetch: () => Promise.reject(new TypeError('fetch failed: tok-secret')) });
    await expect(exportRun(run(), mlflow)).rejects.toThrow(/^the MLflow server at http:\/\/mlflow\.test cannot be reached$/);
  });
});
