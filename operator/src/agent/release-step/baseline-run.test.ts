import type { EvalRun, EvalRunStatus, EvalSuite } from '@sluice/crds';
import { describe, expect, it } from 'vitest';
import { suiteDigest } from '../../evaluation/index.ts';
import { releaseIn, startedAt } from '../../release/testing/observations.ts';
import { type EvaluationInputs, missingEvalRuns, observeEvaluations } from './evaluations.ts';

const comparison = { marginPoints: 5, preexisting: 'Allow' as const, maxBaselineAge: '24h' };
const rolloutOf = (gate: object) => ({
  gates: { evals: [{ suiteRef: { name: 'golden' }, ...gate }] },
  maxDuration: '1h', progressDeadline: '5m', holdLimit: '24h', onSecretChange: 'Restart' as const, historyLimit: 10,
}) as never;
const suite: EvalSuite = { apiVersion: 'sluice.dev/v1alpha1', kind: 'EvalSuite', metadata: { name: 'golden' }, spec: { cases: [], concurrency: 1, caseTimeout: '1s' } };
const release = releaseIn({ phase: 'Evaluating' }, rolloutOf({ comparison }));
const stable = (() => {
  const promoted = releaseIn({ phase: 'Promoted' });
  return { ...promoted, metadata: { ...promoted.metadata, name: 'support-1', uid: 'stable-uid' }, spec: { ...promoted.spec, revision: 'stable' } };
})();

function inputs(runs: readonly EvalRun[] = [], parts: Partial<EvaluationInputs> = {}): EvaluationInputs {
  return { release, serving: stable, runs: new Map(runs.map((run) => [run.metadata.name, run])), suites: new Map([['golden', suite]]), now: startedAt, ...parts };
}

const made = (seen: EvaluationInputs): EvalRun[] => missingEvalRuns(seen, observeEvaluations(seen));
const report = { total: 1, passed: 1, failed: 0, errored: 0, failures: [] };

/** A finished run of the stable revision. */
function measured(name: string, status: EvalRunStatus = {}, spec: Partial<EvalRun['spec']> = {}): EvalRun {
  return {
    apiVersion: 'sluice.dev/v1alpha1', kind: 'EvalRun', metadata: { name },
    spec: { agentName: 'support', revision: 'stable', release: 'support-1', suite: { name: 'golden', digest: suiteDigest(suite.spec) }, minPassPercent: 0, ...spec },
    status: { phase: 'Passed', startedAt: new Date(startedAt - 3_600_000).toISOString(), report, results: { chunks: 1, read: 1, complete: true }, ...status },
  };
}

describe('a gate with a comparison', () => {
  it('runs the stable revision first, on the same suite, under the release that brought it', () => {
    const [baseline, run] = made(inputs());
    expect(baseline?.spec).toMatchObject({ revision: 'stable', release: 'support-1', purpose: 'Baseline', suite: run!.spec.suite, minPassPercent: 0 });
    expect(baseline?.metadata.ownerReferences).toMatchObject([{ kind: 'Release', name: 'support-1', uid: 'stable-uid', controller: true }]);
    expect(run?.spec).toMatchObject({ comparison: { baselineRun: baseline!.metadata.name, marginPoints: 5, preexisting: 'Allow' }, minPassPercent: 0 });
  });

  it('makes the same two runs whatever write was lost, and no third', () => {
    const [baseline, run] = made(inputs());
    expect(made(inputs([run!]))).toEqual([baseline]);
    expect(made(inputs([baseline!]))).toEqual([run]);
    expect(made(inputs([baseline!, run!]))).toEqual([]);
  });

  it('takes the latest complete results of the stable revision again, its own gate included', () => {
    const old = measured('old', { startedAt: new Date(startedAt - 7_200_000).toISOString() });
    const runs = made(inputs([old, measured('own', { phase: 'Failed' })]));
    expect(runs.map(({ spec }) => spec.comparison?.baselineRun)).toEqual(['own']);
  });

  it.each<[string, EvalRun]>([
    ['of another revision', measured('x', {}, { revision: 'older' })],
    ['of other cases', measured('x', {}, { suite: { name: 'golden', digest: 'sha256:other' } })],
    ['of another suite', measured('x', {}, { suite: { name: 'hard', digest: suiteDigest(suite.spec) } })],
    ['that lack cases', measured('x', { results: { chunks: 1, read: 1, complete: false } })],
    ['that were not measured', measured('x', { phase: 'NotMeasured' })],
    ['that are too old', measured('x', { startedAt: new Date(startedAt - 86_400_001).toISOString() })],
  ])('does not take results %s', (_what, run) => {
    expect(made(inputs([run])).map(({ spec }) => spec.purpose ?? 'Gate')).toEqual(['Baseline', 'Gate']);
  });

  describe('knows how often the same revision came to a verdict on the same cases in other releases', () => {
    const judged = (name: string, status: EvalRunStatus = {}, spec: Partial<EvalRun['spec']> = {}) => measured(name, status, { revision: release.spec.revision, release: 'support-0', comparison: { baselineRun: 'b', marginPoints: 5, preexisting: 'Allow' }, ...spec });
    const counted = (...runs: EvalRun[]) => made(inputs([measured('own'), ...runs])).map(({ spec }) => spec.comparison?.earlierVerdicts);

    it.each<[string, EvalRun]>([
      ['a run that was not measured', judged('x', { phase: 'NotMeasured' })],
      ['one that still runs', judged('x', { phase: 'Running' })],
      ['one of this very release', judged('x', {}, { release: release.metadata.name })],
      ['one of another revision', judged('x', {}, { revision: 'older' })],
      ['one of other cases', judged('x', {}, { suite: { name: 'golden', digest: 'sha256:other' } })],
      ['one without a comparison', (({ spec: { comparison: _none, ...spec }, ...run }) => ({ ...run, spec }))(judged('x'))],
    ])('never: %s', (_what, run) => {
      expect(counted(run)).toEqual([undefined]);
    });

    it('twice: a verdict is one, whichever', () => {
      expect(counted(judged('x', { phase: 'Inconclusive' }), judged('y', { phase: 'Failed' }, { release: 'support-00' }))).toEqual([2]);
    });
  });

  it('measures the stable revision anew for a second attempt, but not twice', () => {
    const second = { ...release, status: { ...release.status, evaluations: [{ suite: 'golden', attempt: 2, evalRun: '', verdict: 'NotMeasured' as const, message: '' }] } };
    const created = Date.parse(second.metadata.creationTimestamp ?? new Date(startedAt).toISOString());
    expect(made(inputs([measured('before', { startedAt: new Date(created - 1).toISOString() })], { release: second }))).toHaveLength(2);
    const fresh = made(inputs([measured('since', { startedAt: new Date(created).toISOString() })], { release: second }));
    expect(fresh.map(({ spec }) => spec.comparison?.baselineRun)).toEqual(['since']);
  });

  it.each<[string, Partial<EvaluationInputs>]>([
    ['nothing serves yet', { serving: undefined }],
    ['the revision itself serves', { serving: { ...stable, spec: { ...stable.spec, revision: release.spec.revision } } }],
  ])('compares with nothing where %s: then the share of passes decides', (_when, parts) => {
    const [run, ...more] = made(inputs([], parts));
    expect(more).toEqual([]);
    expect(run?.spec).toMatchObject({ minPassPercent: 100 });
    expect(run?.spec).not.toHaveProperty('comparison');
  });

  it('keeps a share of passes that is asked for besides', () => {
    const both = releaseIn({ phase: 'Evaluating' }, rolloutOf({ comparison, minPassPercent: 80 }));
    expect(made(inputs([], { release: both })).at(-1)?.spec.minPassPercent).toBe(80);
  });

  it('is not passed by a run that could not tell the revisions apart, and the agent is not asked again', () => {
    const [baseline, run] = made(inputs());
    const ended: EvalRun = { ...run!, status: { phase: 'Inconclusive', message: 'undecided', finishedAt: new Date(startedAt).toISOString() } };
    const seen = inputs([baseline!, ended], { now: startedAt + 10_000_000 });
    expect(observeEvaluations(seen)).toMatchObject([{ verdict: 'Fail', attempt: 1, message: 'undecided' }]);
    expect(made(seen)).toEqual([]);
  });
});
