import { evalReport, type EvalSuiteSpec } from '@sluice/crds';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createAgent } from '../agent/create-agent.ts';
import { createFakeClock } from '../platform/clock-fake.ts';
import { ModelError } from '../providers/model-error.ts';
import { bundleFixture } from '../testing/bundle-fixture.ts';
import { createFakeTransport } from '../testing/fake-transport.ts';
import { createScriptedModel, hang, reply, type ScriptedModel } from '../testing/scripted-model.ts';
import { createToolbox } from '../tools/toolbox.ts';
import { failedExpectation } from './grade.ts';
import { createReport, maximumReportBytes } from './report.ts';
import { runSuite } from './run-suite.ts';
import { parseSuite, readEvaluationSettings } from './suite.ts';

describe('failedExpectation', () => {
  it.each([
    [{ contains: ['30 days'] }, 'Within 30 DAYS.', undefined],
    [{ contains: ['CAFÉ'] }, 'the cafe\u0301 is open', undefined],
    [{ contains: ['30 days', 'receipt'] }, 'Within 30 days.', 'does not hold "receipt"'],
    [{ contains: ['30 days'] }, '', 'does not hold "30 days"'],
    [{ notContains: ['password'] }, 'Your PassWord is x', 'holds "password", which it must not'],
    [{ notContains: ['password'] }, 'I cannot tell.', undefined],
    [{ contains: ['yes'], notContains: ['no'] }, 'yes and no', 'holds "no", which it must not'],
    [{ contains: ['a "quoted" word'] }, 'nothing', 'does not hold "a \\"quoted\\" word"'],
  ])('%j for "%s" is %s', (expectation, answer, reason) => {
    expect(failedExpectation(expectation, answer)).toBe(reason);
  });
});

describe('createReport', () => {
  const pass = { name: 'a', hard: false, verdict: 'pass' as const, reason: '' };

  it('counts every case and tells failures before cases without an answer, hard ones first', () => {
    const result = (name: string, hard: boolean, verdict: 'fail' | 'error') => ({ name, hard, verdict, reason: `why ${name}` });
    const report = createReport([result('d', false, 'error'), result('c', true, 'error'), pass, result('b', false, 'fail'), result('a', true, 'fail'), result('a2', true, 'fail')]);
    expect(report).toEqual({
      total: 6,
      passed: 1,
      failed: 3,
      errored: 2,
      failures: [
        { name: 'a', reason: 'why a', hard: true, outcome: 'Failed' },
        { name: 'a2', reason: 'why a2', hard: true, outcome: 'Failed' },
        { name: 'b', reason: 'why b', hard: false, outcome: 'Failed' },
        { name: 'c', reason: 'why c', hard: true, outcome: 'NoAnswer' },
        { name: 'd', reason: 'why d', hard: false, outcome: 'NoAnswer' },
      ],
    });
  });

  it('tells a hard failure whatever else did not pass', () => {
    const errors = Array.from({ length: 30 }, (_value, index) => ({ name: `e-${index}`, hard: true, verdict: 'error' as const, reason: 'x' }));
    const { failures } = createReport([...errors, { name: 'refund', hard: true, verdict: 'fail', reason: '\u0000'.repeat(600) }]);
    expect(failures[0]).toMatchObject({ name: 'refund', outcome: 'Failed' });
  });

  it('fits into a termination message and counts right, whatever the failures are', () => {
    const anyText = fc.array(fc.nat(0xffff), { maxLength: 600 }).map((units) => String.fromCharCode(...units));
    const result = fc.record({ name: fc.string({ minLength: 1, maxLength: 63 }), hard: fc.boolean(), verdict: fc.constantFrom('pass', 'fail', 'error'), reason: anyText });
    fc.assert(
      fc.property(fc.array(result, { maxLength: 40 }), (results) => {
        const report = createReport(results);
        expect(Buffer.byteLength(JSON.stringify(report))).toBeLessThanOrEqual(maximumReportBytes);
        expect(evalReport.safeParse(report).success).toBe(true);
        expect(report.passed + report.failed + report.errored).toBe(results.length);
        expect(report.failures.length).toBeLessThanOrEqual(10);
      }),
    );
  });
});

function suiteOf(count: number, changes: Partial<EvalSuiteSpec> = {}): EvalSuiteSpec {
  const cases = Array.from({ length: count }, (_value, index) => ({ name: `case-${index}`, input: { text: `question ${index}` }, expect: { contains: ['yes'] }, hard: index === 0 }));
  return { cases, concurrency: 2, caseTimeout: '5s', ...changes };
}

function run(model: ScriptedModel, suite: EvalSuiteSpec, clock = createFakeClock()) {
  const toolbox = createToolbox({ tools: [], clock, transport: createFakeTransport(), observe: () => {}, writes: 'dry-run' });
  const progress: string[] = [];
  const onProgress = ({ done, total, failed, errored }: { done: number; total: number; failed: number; errored: number }) => progress.push(`${done}/${total} ${failed} ${errored}`);
  const result = runSuite(suite, { agent: createAgent(bundleFixture(), { model, toolbox }), clock, signal: new AbortController().signal, onProgress });
  return { result, progress };
}

describe('runSuite', () => {
  it('grades every case, in the order of the suite, and tells progress', async () => {
    const model = createScriptedModel(async (request) => reply(JSON.stringify(request.messages).includes('question 1') ? 'no, private' : 'Yes.'));
    const { result, progress } = run(model, suiteOf(3));
    expect(await result).toEqual([
      { name: 'case-0', hard: true, verdict: 'pass', reason: '' },
      { name: 'case-1', hard: false, verdict: 'fail', reason: 'does not hold "yes"' },
      { name: 'case-2', hard: false, verdict: 'pass', reason: '' },
    ]);
    expect(progress.at(-1)).toBe('3/3 1 0');
  });

  it('runs no more cases at a time than the suite says', async () => {
    let running = 0;
    let most = 0;
    const model = createScriptedModel(async () => {
      running += 1;
      most = Math.max(most, running);
      await new Promise((resolve) => setImmediate(resolve));
      running -= 1;
      return reply('yes');
    });
    await run(model, suiteOf(9, { concurrency: 3 })).result;
    expect(most).toBe(3);
  });

  it('counts a provider that is down as errors and never as passes', async () => {
    const { result } = run(createScriptedModel(new ModelError('unavailable')), suiteOf(4, { cases: suiteOf(4).cases.map((evalCase) => ({ ...evalCase, expect: { notContains: ['x'] } })) }));
    expect(createReport(await result)).toMatchObject({ total: 4, passed: 0, failed: 0, errored: 4 });
  });

  it('counts an agent that gives no answer as failed, even where nothing must be said', async () => {
    const suite = suiteOf(1, { cases: [{ name: 'quiet', input: { text: 'q' }, expect: { notContains: ['x'] }, hard: false }] });
    expect(await run(createScriptedModel(reply('')), suite).result).toEqual([{ name: 'quiet', hard: false, verdict: 'fail', reason: 'the agent gave no answer after 1 turns of the model' }]);
  });

  it('gives up on a case after its time', async () => {
    const clock = createFakeClock();
    const { result } = run(createScriptedModel(hang), suiteOf(2), clock);
    clock.advance(5_000);
    expect(await result).toMatchObject([{ verdict: 'error', reason: 'no answer within caseTimeout (5s)' }, { verdict: 'error' }]);
    expect(clock.pending()).toBe(0);
  });
});

describe('the files of an evaluation', () => {
  it('are checked, defaults filled in', () => {
    const [firstCase] = suiteOf(1).cases;
    expect(parseSuite({ cases: [{ name: firstCase?.name, input: firstCase?.input, expect: firstCase?.expect }] })).toMatchObject({ concurrency: 4, caseTimeout: '60s', cases: [{ hard: false }] });
  });

  it.each([
    ['an empty suite', { cases: [] }, 'cases is not valid'],
    ['no suite', [], 'the file is not valid'],
    ['a case that expects nothing', { ...suiteOf(1), cases: [{ ...suiteOf(1).cases[0], expect: {} }] }, 'cases[0].expect expects nothing, so it would always pass'],
    ['a time that is none', { ...suiteOf(1), caseTimeout: 'soon' }, 'caseTimeout must be a duration (got "soon")'],
  ])('refuse %s', (_name, input, sentence) => {
    expect(() => parseSuite(input)).toThrow(sentence);
  });

  it('have defaults for a pod', () => {
    expect(readEvaluationSettings({})).toEqual({ suiteFile: '/etc/sluice/eval/suite.json', reportFile: '/dev/termination-log', minPassPercent: 100 });
    expect(() => readEvaluationSettings({ SLUICE_EVAL_MIN_PASS_PERCENT: '101' })).toThrow('SLUICE_EVAL_MIN_PASS_PERCENT must be a number between 0 and 100 (got "101")');
  });
});
