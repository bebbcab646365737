import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AgentDeployment, EvalCase, EvalRun, EvalSuite, ModelProvider } from '@sluice/crds';
import { configMaps, isForbidden, jobs, type Pod, pods } from '@sluice/kube';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AnsweringProvider } from '../integration/answering-provider.ts';
import { agent, provider as providerManifest, secretValue, suite, suiteName } from '../integration/manifests.ts';
import { makeIdentity, type OperatorIdentity } from '../integration/operator-identity.ts';
import { PlayedKubelet } from '../integration/played-kubelet.ts';
import { PlayedMlflow } from '../integration/played-mlflow.ts';
import { RunningOperator } from '../integration/running-operator.ts';
import { Scene, stableOf } from '../integration/scene.ts';
import { call, TestCluster } from '../integration/test-cluster.ts';
import { until } from '../integration/until.ts';
import { agentDeployments, evalRuns, evalSuites, modelProviders } from '../resources.ts';
import { resultsOf } from './kept.ts';
import { baselineRunName, evalRunName, resultsName } from './names.ts';

/** For runs of the real runtime on a busy machine, milliseconds. */
const runTimeoutMs = 480_000;
const untilMs = 240_000;

const answerText = 'The secret answer is 30 days.';
const judgeModel = 'judge-1';
const mlflowToken = 'tok-integration-91ab';

let cluster: TestCluster;
let kubelet: PlayedKubelet;
let identity: OperatorIdentity;
let operator: RunningOperator;
let mlflow: PlayedMlflow;
let loginFolder: string;
const providers: AnsweringProvider[] = [];

beforeAll(async () => {
  cluster = await TestCluster.connect(process.env);
  kubelet = PlayedKubelet.start(cluster);
  identity = await makeIdentity(cluster, []);
  mlflow = await PlayedMlflow.listen();
  mlflow.refuses = 'it-baseline';
  loginFolder = mkdtempSync(join(tmpdir(), 'sluice-mlflow-login-'));
  writeFileSync(join(loginFolder, 'token'), mlflowToken);
  operator = await RunningOperator.start(cluster, identity, 'operator-0', { variables: { SLUICE_MLFLOW_URL: mlflow.url, SLUICE_MLFLOW_LOGIN_FOLDER: loginFolder } });
});

afterAll(async () => {
  await operator?.stop();
  await identity?.remove();
  await kubelet?.stop();
  for (const provider of providers) await provider.close();
  await mlflow?.close();
  if (loginFolder !== undefined) rmSync(loginFolder, { recursive: true });
  await cluster?.close();
});

type EvalGates = NonNullable<NonNullable<NonNullable<AgentDeployment['spec']['rollout']>['gates']>['evals']>;

interface Stand {
  readonly scene: Scene;
  readonly provider: AnsweringProvider;
  /** Applies the agent; a prompt with "bad" answers nothing of use. */
  readonly release: (prompt: string, evals?: EvalGates) => Promise<unknown>;
  readonly applySuite: (spec: EvalSuite['spec']) => Promise<unknown>;
  readonly ended: (name: string) => Promise<EvalRun>;
}

/** A namespace in which the runtime itself asks a provider on loopback. */
async function open(title: string): Promise<Stand> {
  const scene = await Scene.open(cluster, title);
  const provider = await AnsweringProvider.listen(({ model, system }) => (model === judgeModel ? undefined : system.includes('bad') ? 'No idea.' : answerText));
  providers.push(provider);
  const prices: ModelProvider['spec']['prices'] = [{ model: 'sim-1', inputDollarsPerMillionTokens: 100, outputDollarsPerMillionTokens: 200 }];
  await scene.apply(modelProviders, { ...providerManifest, spec: { ...providerManifest.spec, endpoint: provider.url, prices } });
  const release = (prompt: string, evals: EvalGates = [{ suiteRef: { name: suiteName }, minPassPercent: 100 }]): Promise<unknown> => {
    const manifest = agent({ prompt: `${prompt} [eval:real]`, replicas: 1 });
    const limited = { ...manifest.spec?.agent, limits: { requestTimeout: '5m' } };
    return scene.apply(agentDeployments, { ...manifest, spec: { ...manifest.spec, agent: limited, rollout: { gates: { evals } } } });
  };
  const ended = async (name: string): Promise<EvalRun> => (await until(`${name} ends`, () => scene.find(evalRuns, name), (run) => run?.status?.finishedAt !== undefined, untilMs)) as EvalRun;
  return { scene, provider, release, applySuite: (spec) => scene.apply(evalSuites, { ...suite, spec }), ended };
}

function cases(count: number, expectation: EvalCase['expect'] = { contains: ['30 days'] }): EvalCase[] {
  return Array.from({ length: count }, (_value, index) => ({ name: `case-${index}`, input: { text: `Private question ${index}?` }, expect: expectation, hard: false }));
}

async function keptOf({ scene }: Stand, { metadata, status }: EvalRun) {
  const { chunks = 0, tail } = status?.results ?? {};
  return { chunks, results: resultsOf(await Promise.all(Array.from({ length: chunks }, (_, chunk) => scene.get(configMaps, resultsName(metadata.name, chunk)))), tail) };
}

describe('an EvalRun whose pod is the real runtime', { timeout: runTimeoutMs }, () => {
  it('of 1,500 cases tells its progress, loses its pod, asks nothing again that was kept, and leaves its results behind', async () => {
    const stand = await open('resume');
    const { scene, provider } = stand;
    const tags = ['a-label-that-takes-room', 'another-label-that-takes-room', 'one-more-label-that-takes-room'];
    const lines = cases(1_500).map((each, index) => JSON.stringify({ ...each, tags, ...(index < 2 ? { expect: { contains: ['90 days'] } } : {}) }));
    await scene.apply(configMaps, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'cases' }, data: { 'cases.jsonl': lines.join('\n') } });
    await stand.applySuite({ cases: [], casesFrom: [{ configMap: { name: 'cases', key: 'cases.jsonl' } }], concurrency: 32, caseTimeout: '5m', budget: { dollars: 100, duration: '1h' } });
    provider.answers = 900;
    await stand.release('good', [{ suiteRef: { name: suiteName }, minPassPercent: 99 }]);
    const name = evalRunName({ release: 'support-1', suite: suiteName });
    const under = await until('what was answered is kept', () => scene.find(evalRuns, name), (run) => (run?.status?.results?.read ?? 0) >= 900, untilMs);
    expect(under?.status?.message).toMatch(/^suite "golden" is running: \d+\/1500, 2 failed, \d+ (s|min|h) left$/);
    expect(under?.status?.progress).toMatchObject({ total: 1_500, failed: 2, errored: 0 });
    expect(under?.status?.results?.chunks).toBeGreaterThanOrEqual(1);
    const before = await keptOf(stand, under as EvalRun);

    kubelet.evalPods.at(-1)?.kill();
    await until('another pod goes on', () => scene.find(evalRuns, name), (run) => run?.status?.attempt === 2, untilMs);
    provider.answers = Infinity;
    const run = await stand.ended(name);
    expect(run.status).toMatchObject({ phase: 'Passed', attempt: 2, report: { total: 1_500, passed: 1_498, failed: 2, errored: 0 }, results: { complete: true } });
    expect(run.status?.report?.costDollars).toBeCloseTo(1_500 * 0.002, 2);

    const counts = provider.counts();
    expect(before.results.size).toBeGreaterThanOrEqual(900);
    for (const { case: each } of before.results.values()) expect([each, counts.get(`Private question ${each.slice(5)}?`)]).toEqual([each, 1]);
    expect(counts.size).toBe(1_500);

    // The pod and the Job may go: what was found out stays as long as the run does.
    await scene.admin.delete(jobs, { namespace: scene.namespace, name }, { propagationPolicy: 'Background' }, call);
    await until('its pods are gone', () => scene.list(pods), (found) => found.every(({ metadata }) => !metadata.name.startsWith(name)));
    const after = await keptOf(stand, await scene.get(evalRuns, name));
    expect(after.chunks).toBeGreaterThanOrEqual(2);
    expect(after.results.size).toBe(1_500);
  });

  it('has no right in the cluster, and nothing of questions, answers and keys is in its log, its status, its results or the log of the operator', async () => {
    const stand = await open('least');
    const { scene } = stand;
    await stand.applySuite({ cases: [...cases(3), { name: 'wrong', input: { text: 'Private question x?' }, expect: { contains: ['90 days'] }, hard: false }], concurrency: 2, caseTimeout: '60s' });
    await stand.release('good', [{ suiteRef: { name: suiteName }, minPassPercent: 50 }]);
    const name = evalRunName({ release: 'support-1', suite: suiteName });
    const pod = (await until('it has a pod', () => scene.list(pods), (found) => found.some(({ metadata }) => metadata.name.startsWith(name)), untilMs)).find(({ metadata }) => metadata.name.startsWith(name)) as Pod;
    expect(pod.spec['automountServiceAccountToken']).toBe(false);
    expect(JSON.stringify(pod.spec.volumes)).not.toContain('serviceAccountToken');
    const account = pod.spec['serviceAccountName'] ?? 'default';
    const client = cluster.as(`system:serviceaccount:${scene.namespace}:${account}`, ['system:serviceaccounts', `system:serviceaccounts:${scene.namespace}`, 'system:authenticated']);
    const target = { namespace: scene.namespace, name };
    const refused = async (asked: Promise<unknown>): Promise<boolean> => asked.then(() => false, isForbidden);
    expect(await Promise.all([
      refused(client.get(evalRuns, target, call)), refused(client.list(configMaps, { namespace: scene.namespace }, call)), refused(client.delete(jobs, target, {}, call)),
      refused(client.mergePatchStatus(evalRuns, target, { status: { phase: 'Passed' } }, call)),
    ])).toEqual([true, true, true, true]);

    const run = await stand.ended(name);
    expect(run.status?.phase).toBe('Passed');
    const { results } = await keptOf(stand, run);
    expect(results.size).toBe(4);
    const own = kubelet.evalPods.find((each) => each.name === pod.metadata.name);
    expect(own?.log).toContain('4/4, 1 failed');
    const told = await until('it is told to MLflow', () => scene.get(evalRuns, name), ({ status }) => status?.tracking !== undefined, untilMs);
    expect(told.status?.tracking).toEqual({ attempts: 1, page: expect.stringContaining(`${mlflow.url}/#/experiments/7/runs/`), problem: 'its reports are not there: the server does not keep artifacts itself' });
    expect(mlflow.logins).toEqual(new Set([`Bearer ${mlflowToken}`]));
    for (const text of [own?.log ?? '', JSON.stringify(told), JSON.stringify([...results.values()]), operator.log, ...mlflow.bodies]) expect(text).not.toMatch(new RegExp(`Private question|secret answer|${secretValue}|${mlflowToken}`));
  });

  it('is compared with the stable revision, which is measured once for each suite', async () => {
    const stand = await open('baseline');
    const { scene, provider } = stand;
    const gate: EvalGates = [{ suiteRef: { name: suiteName }, minPassPercent: 0, comparison: { marginPoints: 10, preexisting: 'Fail', maxBaselineAge: '168h' } }];
    const asked = (part: string): number => provider.asked.filter(({ system }) => system.includes(part)).length;
    await stand.applySuite({ cases: cases(30), concurrency: 16, caseTimeout: '60s' });
    await stand.release('first', gate);
    await scene.untilHealthy();
    const first = evalRunName({ release: 'support-1', suite: suiteName });
    expect((await stand.ended(first)).status?.phase).toBe('Passed');
    const refused = await until('MLflow has refused it', () => scene.get(evalRuns, first), ({ status }) => status?.tracking !== undefined, untilMs);
    expect(refused.status).toMatchObject({ phase: 'Passed', tracking: { problem: expect.stringContaining('it is not at the MLflow server yet: ') } });
    const stable = stableOf(await scene.agent());

    await stand.release('bad second', gate);
    const second = await stand.ended(evalRunName({ release: 'support-2', suite: suiteName }));
    // The gate's own run of the stable revision, on a suite of the same digest, is its baseline.
    expect(second.spec.comparison?.baselineRun).toBe(first);
    expect(second.status).toMatchObject({ phase: 'Failed', message: expect.stringContaining('worse than the baseline: over 30 cases the score differs by') });
    expect([asked('first'), asked('bad second')]).toEqual([30, 30]);

    await stand.applySuite({ cases: cases(31), concurrency: 16, caseTimeout: '60s' });
    await stand.release('third', gate);
    const third = await stand.ended(evalRunName({ release: 'support-3', suite: suiteName }));
    const baseline = await scene.get(evalRuns, third.spec.comparison?.baselineRun ?? '');
    expect(baseline.metadata.name).toBe(baselineRunName({ serving: 'support-1', suite: suiteName, release: 'support-3', attempt: 1 }));
    expect(baseline.spec).toMatchObject({ purpose: 'Baseline', revision: stable, suite: third.spec.suite });
    expect(third.status).toMatchObject({ phase: 'Passed', message: expect.stringContaining('not worse than the baseline by the margin') });
    expect(asked('first')).toBe(30 + 31);
    await scene.untilHealthy();
  });

  it('that cannot be measured says why, and is no pass', async () => {
    const stand = await open('badinput');
    const { scene } = stand;
    const file = (name: string, text: string): Promise<unknown> => scene.apply(configMaps, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data: { 'cases.jsonl': text } });
    await file('empty', '\n');
    await file('not-json', '{"name":"a","input":{"text":"q"},"expect":{"contains":["x"]},"weight":NaN}\n');
    const from = (name: string): EvalSuite['spec'] => ({ cases: [], casesFrom: [{ configMap: { name, key: 'cases.jsonl' } }], concurrency: 4, caseTimeout: '60s' });
    const examples = [{ input: 'q', answer: 'Go away.', rubric: 'polite', label: 'Fail' as const }, { input: 'q', answer: 'Dear Ada', rubric: 'polite', label: 'Pass' as const }];
    const judged = { cases: cases(2, { judge: { rubric: 'It is polite.', repeats: 1 } }), judge: { model: judgeModel, examples, minSensitivityPercent: 80, minSpecificityPercent: 80 }, concurrency: 4, caseTimeout: '60s' };
    const suites: Readonly<Record<string, EvalSuite['spec']>> = {
      empty: from('empty'), notjson: from('not-json'), judge: judged,
      backtracking: { cases: cases(1, { matches: ['(a+)+$'], notMatches: ['(a+)+\\.$'] }), concurrency: 4, caseTimeout: '60s' },
    };
    for (const [name, spec] of Object.entries(suites)) await scene.apply(evalSuites, { ...suite, metadata: { name }, spec });
    const evals: EvalGates = Object.keys(suites).map((name) => ({ suiteRef: { name }, minPassPercent: 100 }));
    const said: Record<string, readonly unknown[]> = {};
    for (const [index, each] of evals.entries()) {
      await stand.release(`good for ${each.suiteRef.name}`, [each]);
      const { status } = await stand.ended(evalRunName({ release: `support-${index + 1}`, suite: each.suiteRef.name }));
      said[each.suiteRef.name] = [status?.phase, status?.message];
    }
    expect(said).toMatchObject({
      empty: ['NotMeasured', expect.stringContaining('the suite has no cases, so it would always pass; add one')],
      notjson: ['NotMeasured', expect.stringContaining('cases.jsonl, line 1: is not JSON')],
      judge: ['NotMeasured', expect.stringContaining('none of 2 cases has a result')],
      backtracking: ['Failed', expect.stringContaining('does not match "(a+)+$"')],
    });
    const names = evals.map(({ suiteRef: { name } }, index) => evalRunName({ release: `support-${index + 1}`, suite: name }));
    await until('nothing of them hangs', () => scene.list(jobs), (found) => found.filter(({ metadata }) => names.includes(metadata.name)).every(({ status }) => (status?.active ?? 0) === 0));
  });
});
