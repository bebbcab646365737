import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileExpectation } from './compile-expectation.ts';
import { fail, pass } from './finding.ts';
import { GraderError } from './grader.ts';
import { quietTime } from '../testing/quiet-time.ts';
import { compilePattern, gradeMatches, gradeNotMatches } from './regex.ts';

const timed = (answer: string, milliseconds?: number) => ({ answer, time: quietTime(milliseconds) });
const context = { evalCase: { name: 'c', input: { text: 'q' } }, signal: new AbortController().signal, onJudgeCost: () => {} };
const compile = (...sources: readonly string[]) => sources.map((source) => compilePattern('matches[0]', source));

describe('matches and notMatches', () => {
  it.each([
    [['\\d+ days'], 'Within 30 days.', pass],
    [['(?i)DAYS'], 'Within 30 days.', pass],
    [['^Within', 'days$'], 'Within 30 days.', fail('does not match "days$"')],
    [['\\p{Greek}'], 'alpha', fail('does not match "\\\\p{Greek}"')],
    [['.'], '', fail('does not match "."')],
  ])('%j in %j', (patterns, answer, finding) => {
    expect(gradeMatches(compile(...patterns), timed(answer))).toEqual(finding);
  });

  it('notMatches names the pattern that was met', () => {
    expect(gradeNotMatches(compile('sk-[a-z]+'), timed('the key is sk-abc'))).toEqual(fail('matches "sk-[a-z]+", which it must not'));
    expect(gradeNotMatches(compile('sk-[a-z]+'), timed('no'))).toEqual(pass);
  });
});

describe('a pattern that would backtrack for ever', () => {
  it.each(['^(a+)+$', '(a|aa)+$', '^(a|a)*$', '(.*a){20}$', '(x+x+)+y'])('%s ends and does not pass', (source) => {
    expect(gradeMatches(compile(source), timed(`${'a'.repeat(50_000)}!`)).verdict).toBe('Fail');
  });

  it.each([
    ['(?=a)b', 'lookarounds'],
    ['(a)\\1', 'back references'],
    ['[', 'missing closing ]'],
    ['(a{1,1000}){1,1000}', 'counts above 1000'],
    ['a{2000}', 'invalid repeat count'],
  ])('%s is refused in a sentence', (source, says) => {
    expect(() => compilePattern('matches[0]', source)).toThrow(GraderError);
    expect(() => compilePattern('matches[0]', source)).toThrow(/^expect\.matches\[0\] /);
    expect(() => compilePattern('matches[0]', source)).toThrow(says);
  });

  it('is refused when it is a huge program', () => {
    expect(() => compilePattern('matches[0]', '(?:\\pL{1000})(?:\\pL{1000})(?:\\pL{1000})(?:\\pL{1000})(?:\\pL{1000})(?:\\pL{1000})(?:\\pL{1000})(?:\\pL{1000})(?:\\pL{1000})(?:\\pL{1000})(?:\\pL{1000})')).toThrow('is too large');
  });
});

it('whatever is written as a pattern is compiled or refused', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 40 }), fc.string({ maxLength: 40 }), (source, answer) => {
      try {
        expect(typeof compilePattern('matches[0]', source).isIn(answer, quietTime())).toBe('boolean');
      } catch (error) {
        expect(error).toBeInstanceOf(GraderError);
      }
    }),
    { numRuns: 300 },
  );
});

describe('the largest patterns and the longest answers', () => {
  const slow = compilePattern('matches[0]', '[ab]{500,999}[cd]');
  const longest = 'ab'.repeat(500_000);

  it.each([['must', gradeMatches], ['must not', gradeNotMatches]] as const)('end, and are not measured: what %s match', (_, grade) => {
    expect(grade([slow], timed(longest, 50))).toMatchObject({ verdict: 'NotMeasured', reason: expect.stringContaining('cannot be held against so long an answer in time') as string });
  });

  it('share the time of an answer, schemas too: a case of many takes no longer than one', async () => {
    const pattern = '[ab]{500,999}[cd]';
    const graders = compileExpectation({ matches: [pattern], notMatches: [pattern, 'b'], jsonSchema: { type: 'string', pattern } });
    const checkTime = quietTime(50);
    const findings = graders.map(({ expectation, grade }) => [expectation, grade({ answer: JSON.stringify(longest), ending: 'answered', toolCalls: [], latencyMs: 1 }, { ...context, checkTime })]);
    expect(findings).toEqual(['matches', 'notMatches', 'jsonSchema'].map((expectation) => [expectation, expect.objectContaining({ verdict: 'NotMeasured', reason: expect.stringContaining('in time') as string })]));
    expect(checkTime.quick(() => 1)).toEqual({ kind: 'OutOfTime' });
  });

  it('are graded where there is time', () => {
    expect(gradeMatches([slow], timed(`${'ab'.repeat(250)}c`))).toEqual({ verdict: 'Pass', reason: '' });
  });
});
