import { gzipSync } from 'node:zlib';
import type { EvalRun, EvalRunStatus, EvalSuiteSpec } from '@sluice/crds';
import { type ConfigMap, configMaps, FakeClock, jobs, keyOf, networkPolicies, pods, type Job } from '@sluice/kube';
import { describe, expect, test } from 'vitest';
import { isoTime } from '../evidence/clock-time.ts';
import { evalRuns, evalSuites, releases } from '../resources.ts';
import { ChildWriter } from '../writes/child-writer.ts';
import { childMetadata } from './child-metadata.ts';
import { EvalRunReconciler, podsByEvalRun } from './reconciler.ts';
import { runsWithTrials, type SettledInputs, trialsOf } from './settled-trials.ts';
import { maxSuiteBytes, suiteConfigMap } from './suite-config-map.ts';
import { suiteDigest } from './suite-digest.ts';
import { MemoryApi } from './testing/memory-api.ts';
import { silentPods } from './testing/silent-pods.ts';
import { evalRun, evalSuite, now, revision, sampleSuite } from './testing/sample-run.ts';

const call = { signal: new AbortController().signal };
const suite: EvalSuiteSpec = {
  ...sampleSuite,
  judge: { model: 'judge-1', examples: [{ input: 'q', answer: 'Go away.', rubric: 'polite', label: 'Fail' }], minSensitivityPercent: 80, minSpecificityPercent: 80 },
};
const provider = { name: 'anthropic', digest: 'sha256:1' };
const line = (digest: string, verdict = 'P') => JSON.stringify({ judged: digest, v: verdict, $: 0.5 });
const result = JSON.stringify({ c: 'one', r: 1 });

/** A run of the suite with its judge. */
function runOf(name: string, status: EvalRunStatus = {}, spec: Partial<EvalRun['spec']> = {}): EvalRun {
  const run = evalRun({ phase: 'NotMeasured', startedAt: isoTime(now - 60_000), modelProvider: provider, ...status }, { name, uid: name });
  return { ...run, spec: { ...run.spec, suite: { name: 'golden', digest: suiteDigest(suite) }, ...spec } };
}
const fresh: EvalRun = { ...evalRun(), spec: runOf('any').spec };
const inputs = (change: Partial<SettledInputs> = {}): SettledInputs => ({ evalRun: fresh, suite, revision: { ...revision, modelProvider: provider }, runs: [fresh, runOf('first')], providerOf: () => revision.bundle.model.provider, now, ...change });
const namesOf = (runs: readonly EvalRun[]) => runs.map(({ metadata }) => metadata.name);

describe('runs whose judge need not be tried anew', () => {
  test('are those of the same suite at the same provider, the oldest first, and a few of them', () => {
    const runs = [fresh, ...Array.from({ length: 7 }, (_, index) => runOf(`run-${index}`, { startedAt: isoTime(now - index * 1_000) }))];
    expect(namesOf(runsWithTrials(inputs({ runs })))).toEqual(['run-6', 'run-5', 'run-4', 'run-3', 'run-2']);
  });

  test('are those of another revision, too: the baseline of a release', () => {
    expect(namesOf(runsWithTrials(inputs({ runs: [runOf('base', { phase: 'Passed' }, { revision: 'before', purpose: 'Baseline' })] })))).toEqual(['base']);
  });

  test.each<[string, Partial<SettledInputs>]>([
    ['other cases or examples', { runs: [runOf('first', {}, { suite: { name: 'golden', digest: 'sha256:other' } })] }],
    ['another provider', { runs: [runOf('first', { modelProvider: { name: 'openai', digest: 'sha256:1' } })] }],
    ['a provider that was changed', { runs: [runOf('first', { modelProvider: { name: 'anthropic', digest: 'sha256:2' } })] }],
    ['a provider that is not known', { revision }],
    ['a revision that asks another provider, whatever the agent names by now', { providerOf: () => ({ kind: 'Ollama' }) }],
    ['a revision of which nothing is known any more', { providerOf: () => undefined }],
    ['a day ago and more', { runs: [runOf('first', { startedAt: isoTime(now - 25 * 3_600_000) })] }],
    ['a run that has not begun', { runs: [fresh, evalRun()] }],
    ['a suite without a judge', { suite: sampleSuite }],
    ['cases that are frozen already', { configMap: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'x' } } }],
    ['a run that waits for a file', { lackingFile: 'ConfigMap "cases" does not exist' }],
    ['a run that waits for its key', { revision: { ...revision, modelProvider: provider, keySecret: 'Missing' } }],
  ])('are not those of %s', (_, change) => {
    expect(runsWithTrials(inputs(change))).toEqual([]);
  });
});

function chunkOf(run: EvalRun, text: string): ConfigMap {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { ...childMetadata(run), name: `${run.metadata.name}-results-0` }, binaryData: { 'results.jsonl.gz': gzipSync(text).toString('base64') } };
}

describe('what their judges said', () => {
  test('is read from what was kept first, in ConfigMaps or not yet, and the first judgement of an example stands', async () => {
    const api = new MemoryApi();
    const moved = runOf('first', { results: { chunks: 1, read: 3, complete: true } });
    api.put(configMaps, chunkOf(moved, [line('a'), line('b', 'F'), result].join('\n')));
    const running = runOf('second', { phase: 'Running', results: { chunks: 0, tail: `${line('a', 'F')}\n${line('c', 'U')}\n`, read: 2, complete: false } });
    expect(await trialsOf([moved, running], api.client, call)).toBe([line('a'), line('b', 'F'), line('c', 'U')].join('\n'));
  });

  test('is nothing where the ConfigMap is gone, damaged, or somebody else\'s', async () => {
    const api = new MemoryApi();
    const kept: EvalRunStatus = { results: { chunks: 1, read: 1, complete: true } };
    const [gone, damaged, foreign] = ['gone', 'damaged', 'foreign'].map((name) => runOf(name, kept)) as [EvalRun, EvalRun, EvalRun];
    api.put(configMaps, { ...chunkOf(damaged, ''), binaryData: { 'results.jsonl.gz': 'bm9wZQ==' } });
    const { ownerReferences: _, ...metadata } = chunkOf(foreign, line('a')).metadata;
    api.put(configMaps, { ...chunkOf(foreign, line('a')), metadata });
    expect(await trialsOf([gone, damaged, foreign], api.client, call)).toBe('');
  });
});

describe('a further run', () => {
  test('is told by a file beside its cases, and another pod of it is told the same', async () => {
    const api = new MemoryApi();
    api.put(evalSuites, { ...evalSuite, spec: suite });
    api.put(evalRuns, runOf('first', { results: { chunks: 0, tail: `${line('a', 'F')}\n`, read: 1, complete: true } }));
    api.put(evalRuns, fresh);
    const stores = {
      evalRuns: api.view(evalRuns).store, evalSuites: api.view(evalSuites).store, releases: api.view(releases).store,
      configMaps: api.view(configMaps).store, networkPolicies: api.view(networkPolicies).store, jobs: api.view(jobs).store, pods: api.view(pods, podsByEvalRun).store,
    };
    const reconciler = new EvalRunReconciler({
      client: api.client, children: new ChildWriter({ client: api.client }), evalRunType: evalRuns, stores, results: silentPods,
      revisions: { find: () => ({ ...revision, modelProvider: provider }) }, clock: new FakeClock({ nowMs: now }),
    });
    await reconciler.reconcile(keyOf(fresh), call);
    const [frozen] = api.list<ConfigMap>(configMaps);
    expect(frozen?.data).toEqual({ 'suite.json': JSON.stringify(suite), 'digests.json': expect.stringContaining('"refund-window":"sha256:') as string, 'trials.jsonl': line('a', 'F') });
    const [job] = api.list<Job>(jobs);
    const expectTold = (made: Job | undefined) => {
      const { containers = [], volumes = [] } = made?.spec.template.spec ?? {};
      expect(containers[0]?.env).toContainEqual({ name: 'SLUICE_EVAL_DIGESTS_FILE', value: '/etc/sluice/eval/digests.json' });
      expect(containers[0]?.env).toContainEqual({ name: 'SLUICE_EVAL_TRIALS_FILE', value: '/etc/sluice/eval/trials.jsonl' });
      expect(volumes.find(({ name }) => name === 'sluice-eval-suite')).toMatchObject({ configMap: { items: [{ key: 'suite.json', path: 'suite.json' }, { key: 'digests.json', path: 'digests.json' }, { key: 'trials.jsonl', path: 'trials.jsonl' }] } });
    };
    expectTold(job);
    await api.client.delete(jobs, { namespace: 'shop', name: job?.metadata.name ?? '' }, {}, call);
    await reconciler.reconcile(keyOf(fresh), call);
    expectTold(api.list<Job>(jobs)[0]);
  });

  test('is told nothing where a suite leaves no room beside it', () => {
    const large: EvalSuiteSpec = { ...suite, cases: [{ name: 'one', input: { text: 'x'.repeat(maxSuiteBytes - 1_000) }, expect: {}, hard: false }] };
    const made = suiteConfigMap(fresh, large, `${line('a')}\n`.repeat(100));
    expect(made.kind === 'ConfigMap' && Object.keys(made.configMap.data ?? {})).toEqual(['suite.json']);
  });
});
