import type { EvalReport, EvalRun, EvalSuiteSpec } from '@sluice/crds';
import { keptResults, type SampleResult } from '@sluice/evals/results';
import { describe, expect, test } from 'vitest';
import { decideEvalRun } from './decide.ts';
import type { EvalRunObservation, KeptPair } from './observation.ts';
import { suiteConfigMap } from './suite-config-map.ts';
import { suiteDigest } from './suite-digest.ts';
import { evalRun, now, release, revision, sampleJob, sampleSuite } from './testing/sample-run.ts';

const cases = Array.from({ length: 60 }, (_, index) => ({ ...sampleSuite.cases[0]!, name: `case-${index}`, hard: index === 0 }));
const suite = { ...sampleSuite, cases };
const digest = suiteDigest(suite);

function run(changes: Partial<EvalRun['spec']> = {}): EvalRun {
  const base = evalRun();
  return { ...base, spec: { ...base.spec, suite: { name: 'golden', digest }, minPassPercent: 0, comparison: { baselineRun: 'before', marginPoints: 10, preexisting: 'Fail' }, ...changes } };
}

/** Results of which the cases of these numbers fail; a number below zero: that many cases are not there at all. */
function results(failing: (index: number) => boolean, missing: (index: number) => boolean = () => false): ReadonlyMap<string, SampleResult> {
  return new Map(cases.flatMap(({ name, hard }, index) => {
    const verdict = missing(index) ? ('NoAnswer' as const) : failing(index) ? ('Fail' as const) : ('Pass' as const);
    const score = { Pass: { score: 1 }, Fail: { score: 0 }, NoAnswer: {} }[verdict];
    return [[name, { case: name, repeat: 1, digest: `sha256:${index}`, verdict, ...score, reason: verdict === 'Pass' ? '' : 'wrong', hard, weight: 1, tags: [] }] as const];
  }));
}

const none = results(() => false);
const from = (first: number, count: number) => results((index) => index >= first && index < first + count);
const report: EvalReport = { total: 60, passed: 60, failed: 0, errored: 0, failures: [] };
const complete = { chunks: 1, read: 60, complete: true };
const baseline = (status: EvalRun['status'] = {}, spec: Partial<EvalRun['spec']> = {}): EvalRun => {
  const { comparison: _none, ...plain } = run(spec).spec;
  return { ...run(), metadata: { ...run().metadata, name: 'before', uid: 'before' }, spec: { ...plain, revision: 'stable', purpose: 'Baseline' }, status: { phase: 'Passed', report, results: complete, ...status } };
};

function decide(kept: KeptPair | undefined, changes: Partial<EvalRunObservation> = {}, spec: Partial<EvalRun['spec']> = {}, measuredBy: EvalSuiteSpec = suite) {
  const measured: EvalRun = { ...run(spec), status: { phase: 'Running', startedAt: new Date(now).toISOString(), report, results: complete } };
  const frozen = suiteConfigMap(measured, measuredBy);
  const configMap = frozen.kind === 'ConfigMap' ? frozen.configMap : undefined;
  const { status } = decideEvalRun({ now, evalRun: measured, configMap, job: sampleJob(), pods: [], revision, baseline: baseline(), kept, ...changes });
  return [status?.phase, status?.message];
}

describe('a run that is compared with the stable revision', () => {
  test('passes where it is not worse by the margin, and says what no failure proves', () => {
    const [phase, message] = decide({ canary: none, baseline: none });
    expect(phase).toBe('Passed');
    expect(message).toMatch(/^suite "golden": 60 of 60 cases passed; compared with revision stable: not worse than the baseline by the margin: over 60 cases the score differs by \+0\.0 points .*; hard cases: 0 of 1 means a rate of at most 95\.0 %/);
  });

  test.each<[string, KeptPair, string, string]>([
    ['fails where it is worse', { canary: from(1, 20), baseline: none }, 'Failed', 'worse than the baseline'],
    ['is inconclusive in between', { canary: from(1, 3), baseline: none }, 'Inconclusive', 'undecided; more cases or repeats would decide'],
    ['passes beside a baseline that fails almost everything', { canary: from(1, 59), baseline: from(1, 59) }, 'Passed', 'not worse than the baseline'],
    ['is not measured where the baseline has failed everything', { canary: none, baseline: from(0, 60) }, 'NotMeasured', 'the baseline fails all 60 cases that it was measured on, so that a comparison with it says nothing'],
    ['fails with one hard case, whatever the mean says', { canary: from(0, 1), baseline: from(1, 30) }, 'Failed', 'no hard case may fail, but 1 did: case-0 (wrong)'],
    ['says that a violation was there before', { canary: from(0, 1), baseline: from(0, 1) }, 'Failed', 'preexisting: the baseline fails it too'],
    ['is not measured where the baseline lacks what could decide', { canary: none, baseline: results(() => false, (index) => index < 40) }, 'NotMeasured', '40 of them have no score on one side'],
    ['is not measured where results are missing', { canary: new Map([...none].slice(1)), baseline: none }, 'NotMeasured', 'results of 59 cases are kept, but the report is about 60'],
    ['is not measured where results are gone', { canary: undefined, baseline: none }, 'NotMeasured', 'are gone or damaged'],
    ['is not measured against other versions of the cases', { canary: none, baseline: new Map([...none].map(([key, each]) => [key, { ...each, digest: 'sha256:other' }])) }, 'NotMeasured', '60 of them have no score on one side'],
  ])('%s', (_what, kept, phase, sentence) => {
    const decided = decide(kept);
    expect(decided[0], decided[1]).toBe(phase);
    expect(decided[1]).toContain(sentence);
  });

  test('says where two judges judged, because the new revision asks another provider', () => {
    const judged: EvalSuiteSpec = { ...suite, judge: { model: 'judge-1', examples: [], minSensitivityPercent: 80, minSpecificityPercent: 80 } };
    const of = { name: 'golden', digest: suiteDigest(judged) };
    const stable = { bundle: { ...revision.bundle, model: { ...revision.bundle.model, provider: { kind: 'Ollama' as const } } } };
    const decided = (changes: Partial<EvalRunObservation>) => decide({ canary: none, baseline: none }, { baseline: baseline({}, { suite: of }), ...changes }, { suite: of }, judged);
    expect(decided({ stable })).toEqual(['Passed', expect.stringMatching(/not worse than the baseline.*; the judge "judge-1" of the stable revision is at the endpoint of Ollama and that of the new one at /)]);
    expect(decided({ stable: revision })).toEqual(['Passed', expect.not.stringContaining('judge-1')]);
  });

  test('a second verdict on the same cases has half of the risk, which is said', () => {
    const kept = { canary: from(1, 1), baseline: none };
    const again = (earlierVerdicts?: number) => decide(kept, {}, { comparison: { baselineRun: 'before', marginPoints: 10, preexisting: 'Fail', ...(earlierVerdicts === undefined ? {} : { earlierVerdicts }) } });
    expect(again()).toEqual(['Passed', expect.not.stringContaining('halves')]);
    expect(again(1)).toEqual([expect.any(String), expect.stringContaining('; as this revision has been judged once on the same cases before, which halves the chance of error to 2.5 %')]);
    expect(again(8)[0]).not.toBe('Passed');
  });

  test('a violation that was there before is told and allowed, where the gate says so', () => {
    const allowing = { comparison: { baselineRun: 'before', marginPoints: 10, preexisting: 'Allow' as const } };
    const kept = { canary: from(0, 1), baseline: from(0, 1) };
    expect(decide(kept, {}, allowing)).toEqual(['Passed', expect.stringContaining('preexisting in the baseline: case-0')]);
    expect(decide({ ...kept, baseline: none }, {}, allowing)[0]).toBe('Failed');
  });

  test('the worse of the comparison and the share of passes counts', () => {
    expect(decide({ canary: none, baseline: none }, {}, { minPassPercent: 100 })[0]).toBe('Passed');
    const poor = { ...report, passed: 30, failed: 30 };
    const measured: EvalRun = { ...run({ minPassPercent: 80 }), status: { phase: 'Running', startedAt: new Date(now).toISOString(), report: poor, results: complete } };
    expect(decide({ canary: from(1, 30), baseline: from(1, 30) }, { evalRun: measured })).toEqual(['Failed', expect.stringMatching(/30 of 60 cases passed, 80 % needed; .*not worse than the baseline/)]);
  });

  test.each<[string, EvalRun | undefined, string, string]>([
    ['does not exist yet', undefined, 'Running', 'run "before" of the stable revision is about to be made'],
    ['is under way', baseline({ phase: 'Running', message: 'suite "golden" is running: 3/60, 0 failed' }), 'Running', 'is measured and waits for the stable revision: suite "golden" is running: 3/60'],
    ['was not measured', baseline({ phase: 'NotMeasured', message: 'the provider is down' }), 'NotMeasured', 'has no result to compare with: the provider is down'],
    ['lacks results', baseline({ results: { ...complete, complete: false } }), 'NotMeasured', 'not all results of run "before" of the stable revision are kept'],
    ['is of other cases', baseline({}, { suite: { name: 'golden', digest: 'sha256:other' } }), 'NotMeasured', 'is of other cases'],
  ])('waits for it or says why not: it %s', (_what, other, phase, sentence) => {
    expect(decide({ canary: none, baseline: none }, { baseline: other })).toEqual([phase, expect.stringContaining(sentence)]);
  });

  test('whose results never came is not measured, with what to do', () => {
    const unread: EvalRun = { ...run(), status: { phase: 'Running', report } };
    expect(decide(undefined, { evalRun: unread })).toEqual(['NotMeasured', expect.stringContaining('the operator must reach the pods of the namespace "shop" at their port 8080')]);
  });

  test('is refused before it costs anything where the suite is too small for the margin', () => {
    const small = { ...suite, cases: cases.slice(0, 28) };
    const fresh = { ...run(), spec: { ...run().spec, suite: { name: 'golden', digest: suiteDigest(small) } } };
    const decision = decideEvalRun({ now, evalRun: fresh, suite: { apiVersion: 'sluice.dev/v1alpha1', kind: 'EvalSuite', metadata: { name: 'golden' }, spec: small }, pods: [], revision });
    expect(decision.job).toBeUndefined();
    expect(decision.status).toMatchObject({ phase: 'NotMeasured', message: 'suite "golden" was not measured: 28 cases cannot rule out a drop of 10 points: add cases until there are 29, or raise comparison.marginPoints' });
  });

  test('does not go on waiting for a release that is over, but a baseline does not mind the end of its own', () => {
    expect(decide({ canary: none, baseline: none }, { baseline: undefined, release: release('Superseded') })).toEqual(['NotMeasured', expect.stringContaining('ended (Superseded)')]);
    const stable = { ...baseline(), metadata: evalRun().metadata, status: { phase: 'Running' as const, startedAt: new Date(now).toISOString() } };
    expect(decideEvalRun({ now, evalRun: stable, job: sampleJob(), pods: [], revision, release: release('Promoted') }).status?.phase).toBe('Pending');
  });

  test('lines that are none are no results', () => {
    expect(decide({ canary: keptResults(['{"c":"case-0"}']), baseline: none })[0]).toBe('NotMeasured');
  });
});
