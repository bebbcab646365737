import type { EvalRun, EvalRunPhase, EvalSuite, ModelProvider } from '@sluice/crds';
import { describe, expect, it } from 'vitest';
import { evaluationRetryMs, maxEvaluationAttempts } from '../../release/phases/evaluating.ts';
import { releaseIn, startedAt } from '../../release/testing/observations.ts';
import { providerDigest } from '../../evaluation/index.ts';
import { missingEvalRuns, observeEvaluations } from './evaluations.ts';
import type { EvaluationInputs } from './evaluations.ts';

const rollout = {
  gates: { evals: ['golden', 'golden-2'].map((name) => ({ suiteRef: { name }, minPassPercent: 100 })) },
  maxDuration: '1h', progressDeadline: '5m', holdLimit: '24h', onSecretChange: 'Restart' as const, historyLimit: 10,
};
const release = releaseIn({ phase: 'Evaluating' }, rollout);
const suites = new Map<string, EvalSuite>(['golden', 'golden-2'].map((name) => [name, { apiVersion: 'sluice.dev/v1alpha1', kind: 'EvalSuite', metadata: { name }, spec: { cases: [], concurrency: 1, caseTimeout: '1s' } } satisfies EvalSuite]));

function inputs(runs: readonly EvalRun[], parts: Partial<EvaluationInputs> = {}): EvaluationInputs {
  return { release, runs: new Map(runs.map((run) => [run.metadata.name, run])), suites, now: startedAt, ...parts };
}

function ended(run: EvalRun, phase: EvalRunPhase): EvalRun {
  return { ...run, status: { phase, message: phase, finishedAt: new Date(startedAt).toISOString() } };
}

const fresh = (): EvalRun[] => missingEvalRuns(inputs([]), observeEvaluations(inputs([])));

describe('observeEvaluations', () => {
  it('waits for runs that do not exist yet, and they are made', () => {
    expect(observeEvaluations(inputs([])).map(({ verdict }) => verdict)).toEqual(['Waiting', 'Waiting']);
    expect(fresh().map(({ spec }) => spec.suite.name)).toEqual(['golden', 'golden-2']);
  });

  it('reads the verdict of each suite from its own run, whatever the suites are called', () => {
    const [one, two] = fresh();
    const seen = inputs([ended(one!, 'NotMeasured'), ended(two!, 'Passed')], { now: startedAt + evaluationRetryMs(1) });
    expect(observeEvaluations(seen).map(({ verdict, attempt }) => [verdict, attempt])).toEqual([['Waiting', 2], ['Pass', 1]]);
    expect(missingEvalRuns(seen, observeEvaluations(seen))).toHaveLength(1);
  });

  it('tries at once what could not be measured, when somebody has corrected the suite', () => {
    const runs = fresh().map((run) => ended(run, 'NotMeasured'));
    const golden = suites.get('golden')!;
    const corrected = new Map([...suites, ['golden', { ...golden, spec: { ...golden.spec, concurrency: 2 } }]]);
    expect(observeEvaluations(inputs(runs, { suites: corrected })).map(({ verdict, attempt }) => [verdict, attempt])).toEqual([['Waiting', 2], ['NotMeasured', 1]]);
  });

  it.each([
    ['since', 1_000, 2],
    ['before', 0, 1],
    ['at a time that nobody noted', undefined, 1],
  ])('tries at once with a key that was written %s', (_title, afterMs, attempt) => {
    const runs = fresh().map((run) => ended(run, 'NotMeasured'));
    const secretVersions = new Map([['provider-key', afterMs === undefined ? {} : { writtenAt: startedAt + afterMs }]]);
    expect(observeEvaluations(inputs(runs, { secretVersions }))[0]).toMatchObject({ attempt });
  });

  const provider = (dollars: number): ModelProvider => ({
    apiVersion: 'sluice.dev/v1alpha1', kind: 'ModelProvider', metadata: { name: 'anthropic' },
    spec: { kind: 'Anthropic', prices: [{ model: 'judge-1', inputDollarsPerMillionTokens: dollars, outputDollarsPerMillionTokens: dollars }] },
  });
  const stuck = (): EvalRun[] => fresh().map((run) => {
    const { status, ...rest } = ended(run, 'NotMeasured');
    return { ...rest, status: { ...status, reason: 'BudgetUsedUp', modelProvider: { name: 'anthropic', digest: providerDigest(provider(3).spec) } } };
  });
  const golden = suites.get('golden')!;

  it.each<[string, Partial<EvaluationInputs>, number]>([
    ['time', { now: startedAt + 30 * 24 * 3_600_000, providers: new Map([['anthropic', provider(3)]]) }, 1],
    ['a ModelProvider that is gone', { providers: new Map() }, 1],
    ['a ModelProvider that has changed', { providers: new Map([['anthropic', provider(4)]]) }, 2],
    ['a suite that has changed', { suites: new Map([...suites, ['golden', { ...golden, spec: { ...golden.spec, budget: { dollars: 9 } } }]]) }, 2],
    ['a Secret that has changed', { secretVersions: new Map([['provider-key', { writtenAt: startedAt + 1 }]]) }, 2],
  ])('what no other try would measure is tried as often as it should with %s', (_title, parts, attempt) => {
    expect(observeEvaluations(inputs(stuck(), parts))[0]).toMatchObject({ attempt });
  });

  it('tries again with another ModelProvider of the stable revision that is compared with', () => {
    const compared = stuck().map((run) => ({ ...run, spec: { ...run.spec, comparison: { baselineRun: 'base', marginPoints: 5, preexisting: 'Fail' as const } }, status: { ...run.status, modelProvider: { name: 'other', digest: 'x' } } }));
    const base = { ...stuck()[0]!, metadata: { name: 'base' } };
    expect([3, 4].map((dollars) => observeEvaluations(inputs([...compared, base], { providers: new Map([['anthropic', provider(dollars)]]) }))[0]?.attempt)).toEqual([1, 2]);
  });

  it('tries longer for what has nothing in its place', () => {
    const { stableRevision: _none, ...first } = release.spec;
    expect([maxEvaluationAttempts(release), maxEvaluationAttempts({ spec: first })]).toEqual([8, 16]);
  });

  it.each<[string, (run: EvalRun) => EvalRun]>([
    ['another release of the same name', (run) => ({ ...run, metadata: { ...run.metadata, ownerReferences: [{ ...run.metadata.ownerReferences![0]!, uid: 'former' }] } })],
    ['nobody', (run) => ({ ...run, metadata: { name: run.metadata.name } })],
    ['another revision', (run) => ({ ...run, spec: { ...run.spec, revision: 'older' } })],
    ['another suite', (run) => ({ ...run, spec: { ...run.spec, suite: { ...run.spec.suite, name: 'easy' } } })],
  ])('believes no run of %s', (_whose, change) => {
    const runs = fresh().map((run) => change(ended(run, 'Passed')));
    expect(observeEvaluations(inputs(runs)).map(({ verdict }) => verdict)).toEqual(['Waiting', 'Waiting']);
  });

  it('waits longer from attempt to attempt, an hour at most, and gives up counting at a bound', () => {
    expect([1, 2, 3, 20].map(evaluationRetryMs)).toEqual([30_000, 60_000, 120_000, 3_600_000]);
    const last = { ...release, status: { ...release.status, evaluations: [{ suite: 'golden', attempt: maxEvaluationAttempts(release), evalRun: '', verdict: 'NotMeasured' as const, message: '' }] } };
    const run = missingEvalRuns(inputs([], { release: last }), observeEvaluations(inputs([], { release: last })))[0]!;
    const later = inputs([ended(run, 'NotMeasured')], { release: last, now: startedAt + 10 * evaluationRetryMs(20) });
    expect(observeEvaluations(later)[0]).toMatchObject({ attempt: maxEvaluationAttempts(release), verdict: 'NotMeasured' });
  });
});
