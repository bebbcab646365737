import type { EvaluationResult, EvalRun, Release } from '@sluice/crds';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { exitCode } from '../exit-code.ts';
import { judgedRelease } from '../fixtures/judged-release.ts';
import { recorded } from '../fixtures/recorded-surroundings.ts';
import { run } from '../run.ts';
import { type KeptEvaluation, type KeptResults, replayEvaluation } from './replay-evaluation.ts';
import { replayGates } from './replay-gates.ts';

async function replayed(release: Release, text: (release: Release) => string = (each) => stringify(each, { version: '1.1' })) {
  const { surroundings, stdout, stderr } = recorded({ files: { 'release.yaml': text(release) } });
  const code = await run(['replay', '-f', 'release.yaml'], surroundings);
  return { code, stdout: stdout(), stderr: stderr() };
}

function withGate(release: Release, change: (gate: NonNullable<NonNullable<Release['status']>['gate']>) => object): Release {
  const { status = {} } = release;
  if (status.gate === undefined) throw new Error('the release has no record of gates');
  return { ...release, status: { ...status, gate: { ...status.gate, ...change(status.gate) } } };
}

describe('replay -f', () => {
  it.each([
    ['a good release', { canary: 1, stable: 1 }],
    ['a bad one', { canary: 30, stable: 1 }],
    ['an outage of what both share', { canary: 60, stable: 60 }],
  ] as const)('comes to the verdict and the state that the operator came to, for %s', async (_name, traffic) => {
    const release = judgedRelease(traffic);
    const { code, stdout, stderr } = await replayed(release);
    expect([code, stderr]).toEqual([exitCode.ok, '']);
    expect(stdout).toContain('support-2, revision new: judged again, it comes to the same\nrecorded: Shifting, as the operator said\n12 blocks of evidence, last verdict ');
  });

  it('says of a bad release by what numbers it was', async () => {
    const { stdout } = await replayed(judgedRelease({ canary: 30, stable: 1 }));
    expect(stdout).toMatch(/last verdict Rollback \(Worse\): the new revision is worse(, most of all)? in success: \d+ bad of \d+ \(30 %\) on the new revision .*; evidence /);
  });

  it('comes to the same for JSON, and for the length of every log', async () => {
    for (const looks of [1, 3, 7]) {
      const { code } = await replayed(judgedRelease({ canary: 5, stable: 2 }, looks), (release) => JSON.stringify(release));
      expect(code).toBe(exitCode.ok);
    }
  });

  it('says what differs when a line of the log is not what was judged', async () => {
    const changed = withGate(judgedRelease({ canary: 30, stable: 1 }), ({ log }) => ({ log: log.map((line) => line.replaceAll(/success=\d+\//g, 'success=0/')) }));
    const { code, stdout } = await replayed(changed);
    expect(code).toBe(exitCode.bad);
    expect(stdout).toContain('judged again, it comes to something else');
    expect(stdout).toContain('differs: status.gate.state: the evidence of success is another one');
    expect(stdout).toMatch(/differs: status\.objectives: success is Fail, judged again \w+/);
  });

  it('says what differs when a verdict was changed, but not for one that the end of the release cut short', async () => {
    const release = judgedRelease({ canary: 30, stable: 1 });
    const told = (verdict: 'Pass' | 'Terminated'): Release => ({ ...release, status: { ...release.status, objectives: [{ name: 'success', verdict, message: 'm' }] } });
    expect(replayGates(told('Pass'))).toMatchObject({ kind: 'Differs', differences: ['status.objectives: success is Pass, judged again Fail'] });
    expect(replayGates(told('Terminated')).kind).toBe('Same');
  });

  it.each<[string, (release: Release) => Release, string]>([
    ['a log that is none', (release) => withGate(release, () => ({ log: ['yesterday it was fine'] })), '"yesterday it was fine" is no line of a gate\'s log'],
    ['a policy that is none', (release) => withGate(release, () => ({ policy: {} })), 'status.gate.policy has no metrics or no steps'],
    ['a state that is none', (release) => withGate(release, () => ({ state: '{' })), 'the state of the gates is no JSON'],
    ['a state in which a list stands for a number, which would be added to for ever', (release) => withGate(release, ({ from }) => ({ from: from.replace(/"memory":\{"bad":\d+/, '"memory":{"bad":[]') })), 'the state of the gates is damaged'],
    ['a state of which a part is missing', (release) => withGate(release, ({ from }) => ({ from: from.replace(/"recent":\[[^\]]*\]/, '"recent":7') })), 'the record of the gates is damaged, and cannot be judged by'],
    ['a policy with a metric that is none', (release) => withGate(release, ({ policy }) => ({ policy: { ...policy, metrics: [null] } })), 'status.gate.policy has another form'],
  ])('refuses %s', async (_name, damage, sentence) => {
    const { code, stdout } = await replayed(damage(judgedRelease({ canary: 1, stable: 1 })));
    expect(code).toBe(exitCode.badInput);
    expect(stdout).toContain('the record is damaged');
    expect(stdout).toContain(sentence);
  });

  it('measures nothing by a record without evidence, and does not call it a pass', async () => {
    const { status, ...rest } = judgedRelease({ canary: 1, stable: 1 });
    const { gate: _gate, ...before } = status ?? {};
    const { code, stdout } = await replayed({ ...rest, status: before });
    expect(code).toBe(exitCode.notMeasured);
    expect(stdout).toContain('nothing can be judged again');
    expect(stdout).toContain('its record has no log of gates (status.gate.log)');
  });

  it.each<[string, Readonly<Record<string, string>>, readonly string[], number, string]>([
    ['another kind', { 'x.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: a }\n' }, ['-f', 'x.yaml'], exitCode.badInput, '"x.yaml" holds no Release: write one by kubectl get release NAME -o yaml'],
    ['a record of another form', { 'x.yaml': 'apiVersion: sluice.dev/v1alpha1\nkind: Release\nmetadata: { name: a }\nspec: { agentName: a, revision: 7 }\n' }, ['-f', 'x.yaml'], exitCode.badInput, 'x.yaml: spec.revision is not what the operator writes'],
    ['no file', {}, ['-f', 'x.yaml'], exitCode.noInput, 'cannot read "x.yaml"'],
    ['two places', {}, ['support-2', '-f', 'x.yaml'], exitCode.usage, '"support-2" and -f both name a Release'],
    ['nothing', {}, [], exitCode.usage, 'RELEASE is missing: name a Release'],
  ])('refuses %s', async (_name, files, args, expected, sentence) => {
    const { surroundings, stderr } = recorded({ files });
    expect(await run(['replay', ...args], surroundings)).toBe(expected);
    expect(stderr()).toContain(sentence);
  });
});

const sample = (name: string, verdict: 'Pass' | 'Fail') => ({ case: name, repeat: 1, digest: 'd', verdict, score: verdict === 'Pass' ? 1 : 0, reason: verdict === 'Pass' ? '' : 'why', hard: false, weight: 1, tags: [] });

function results(count: number, verdict: 'Pass' | 'Fail'): KeptResults {
  return new Map(Array.from({ length: count }, (_value, index) => [`c-${index}/1/d`, sample(`c-${index}`, verdict)]));
}

function evalRun(revision: string, comparison?: EvalRun['spec']['comparison']): EvalRun {
  const spec = { agentName: 'support', revision, release: 'support-2', suite: { name: 'golden', digest: 'd' }, minPassPercent: comparison === undefined ? 100 : 0, ...(comparison === undefined ? {} : { comparison }) };
  return { apiVersion: 'sluice.dev/v1alpha1', kind: 'EvalRun', metadata: { name: 'run' }, spec, status: { results: { chunks: 0, read: 1, complete: true } } };
}

describe('an evaluation that is judged again', () => {
  const record = (verdict: EvaluationResult['verdict']): EvaluationResult => ({ suite: 'golden', attempt: 1, evalRun: 'run', verdict, message: 'as recorded' });
  const compared = { baselineRun: 'base', marginPoints: 10, preexisting: 'Fail' } as const;
  const kept = (canary: 'Pass' | 'Fail'): KeptEvaluation => ({ evalRun: evalRun('new', compared), results: results(40, canary), baseline: { evalRun: evalRun('old'), results: results(40, 'Pass') } });

  it('comes to the same by its kept results', () => {
    expect(replayEvaluation(record('Pass'), { evalRun: evalRun('new'), results: results(3, 'Pass') })).toMatchObject({ kind: 'Same', sentence: expect.stringContaining('3 of 3 cases passed') });
    expect(replayEvaluation(record('Fail'), kept('Fail'))).toMatchObject({ kind: 'Same', sentence: expect.stringContaining('compared with revision old') });
  });

  it('says what differs', () => {
    expect(replayEvaluation(record('Pass'), kept('Fail'))).toMatchObject({ kind: 'Differs', differences: ['status.evaluations: golden is Pass, judged again Fail'] });
  });

  it('comes to the same where the run could not decide, which its release takes for a failure', () => {
    const mixed = new Map([...results(40, 'Pass')].map(([key, each], index) => [key, index < 3 ? { ...each, verdict: 'Fail' as const, score: 0 } : each]));
    const of = (phase: 'Inconclusive' | 'Failed'): KeptEvaluation => ({ ...kept('Pass'), results: mixed, evalRun: { ...evalRun('new', compared), status: { phase, results: { chunks: 0, read: 1, complete: true } } } });
    expect(replayEvaluation(record('Fail'), of('Inconclusive'))).toMatchObject({ kind: 'Same', sentence: expect.stringContaining('Inconclusive, suite "golden"') });
    expect(replayEvaluation(record('Fail'), of('Failed'))).toMatchObject({ kind: 'Differs', differences: ['status.evaluations: golden is Fail, judged again Inconclusive'] });
    expect(replayEvaluation(record('Pass'), of('Inconclusive'))).toMatchObject({ kind: 'Differs' });
  });

  const ended = (status: EvalRun['status']): EvalRun => ({ ...evalRun('new', compared), status: { ...status, results: { chunks: 0, read: 1, complete: true } } });

  it.each<[string, KeptEvaluation, string]>([
    ['is not over', { ...kept('Pass'), evalRun: ended({ phase: 'Running' }) }, 'its run is not over'],
    ['ended with its release', { ...kept('Pass'), evalRun: ended({ phase: 'NotMeasured' }) }, 'NotMeasured as recorded, as recorded; its results were never judged'],
    ['has a baseline that was not measured', { ...kept('Pass'), baseline: { evalRun: { ...ended({ phase: 'NotMeasured' }), spec: evalRun('old').spec }, results: results(40, 'Pass') } }, 'the results of the stable revision are not kept'],
    ['has a baseline of other cases', { ...kept('Pass'), baseline: { evalRun: { ...evalRun('old'), spec: { ...evalRun('old').spec, suite: { name: 'golden', digest: 'other' } } }, results: results(40, 'Pass') } }, 'the results of the stable revision are not kept'],
  ])('is no difference when the run %s', (_name, evaluation, sentence) => {
    expect(replayEvaluation(record('NotMeasured'), evaluation)).toMatchObject({ kind: 'Nothing', sentence: expect.stringContaining(sentence) });
  });

  it('is told as recorded from a file, which never holds its results', () => {
    expect(replayEvaluation(record('Pass'), 'NotAsked')).toEqual({ kind: 'Nothing', sentence: 'suite "golden" (run): Pass as recorded, as recorded; its results are kept in the cluster and not in a file, so it is judged again only by kubectl sluice replay RELEASE' });
  });

  it.each<[string, KeptEvaluation | undefined]>([
    ['the run is gone', undefined],
    ['its results are gone', { evalRun: evalRun('new'), results: new Map() }],
    ['only some of its results were read', { evalRun: { ...evalRun('new'), status: {} }, results: results(3, 'Pass') }],
    ['those of the stable revision are gone', { ...kept('Pass'), baseline: undefined }],
  ])('is told as recorded when %s', (_name, evaluation) => {
    expect(replayEvaluation(record('Pass'), evaluation)).toMatchObject({ kind: 'Nothing', sentence: expect.stringContaining('Pass as recorded') });
  });
});
