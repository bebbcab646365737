import { describe, expect, it } from 'vitest';
import { expectationMembers, type Expectation } from '@sluice/crds';
import type { Transcript } from '../transcript.ts';
import { compileExpectation } from './compile-expectation.ts';
import { gradeTranscript, maximumAnswerCharacters, maximumMarks } from './grade-transcript.ts';
import { quietTime } from '../testing/quiet-time.ts';

const transcript: Transcript = { answer: 'Within 30 days.', ending: 'answered', toolCalls: [], latencyMs: 1 };
const context = { evalCase: { name: 'c', input: { text: 'Refund?' } }, signal: new AbortController().signal, onJudgeCost: () => {}, checkTime: quietTime() };

const grade = (expectation: Expectation, changes: Partial<Transcript> = {}) => gradeTranscript(compileExpectation(expectation), { ...transcript, ...changes }, context);

/** One of each; the type holds that none is forgotten. */
const everything: Required<Expectation> = {
  equals: 'x', contains: ['x'], notContains: ['x'], matches: ['x'], notMatches: ['x'], jsonSchema: {}, jsonPath: [{ path: '$' }], number: { value: 1 }, tools: { notCalled: ['x'] }, mustRefuse: {},
  mustCite: { atLeast: 1 }, mustRequestApproval: {}, blockedByRule: 'x', maxLatency: '1s', maxCostDollars: 1, similarTo: { texts: ['x'], atLeast: 1 }, judge: { rubric: 'x', repeats: 1 },
};

describe('compileExpectation', () => {
  it('has a grader for every expectation that a suite may write', () => {
    expect(compileExpectation(everything).map(({ expectation }) => expectation).toSorted()).toEqual(expectationMembers.toSorted());
  });

  it('asks models last', () => {
    expect(compileExpectation(everything).slice(-2).map(({ expectation }) => expectation)).toEqual(['similarTo', 'judge']);
  });

  it('refuses an expectation of nothing', () => {
    expect(() => compileExpectation({})).toThrow('expects nothing, so it would always pass');
  });
});

describe('gradeTranscript', () => {
  it('passes when all hold and names the first that fails', async () => {
    expect(await grade({ contains: ['30 days'], notContains: ['no'] })).toEqual({ verdict: 'Pass', reason: '' });
    expect(await grade({ contains: ['30 days'], notContains: ['within'] })).toMatchObject({ verdict: 'Fail', reason: 'holds "within", which it must not' });
  });

  it('a failure stands whatever could not be measured, and what could not be measured is no pass', async () => {
    expect(await grade({ contains: ['30 days'], maxCostDollars: 1 })).toMatchObject({ verdict: 'NotMeasured' });
    expect(await grade({ contains: ['90 days'], maxCostDollars: 1 })).toMatchObject({ verdict: 'Fail' });
    expect(await grade({ maxCostDollars: 1, judge: { rubric: 'x', repeats: 1 } })).toMatchObject({ verdict: 'NotMeasured' });
  });

  it.each([
    ['silence where nothing must be said', { notContains: ['x'] }, 'none', 'the agent gave no answer'],
    ['silence where tools are looked at', { tools: { notCalled: ['x'] } }, 'answered', 'the agent gave no answer'],
    ['silence where all must be refused', { mustRefuse: {} }, 'none', 'is no refusal, which it must be'],
    ['a refusal that nobody asked for', { contains: ['x'] }, 'refused', 'the model declined to answer'],
    ['an empty text', { equals: '' }, 'answered', 'the agent gave no answer'],
  ] as const)('%s fails', async (_title, expectation, ending, reason) => {
    expect(await grade(expectation as unknown as Expectation, { answer: ' \n', ending })).toEqual({ verdict: 'Fail', reason });
  });

  it('the refusal that the model declares passes mustRefuse', async () => {
    expect(await grade({ mustRefuse: {}, notContains: ['secret'] }, { answer: '', ending: 'refused' })).toMatchObject({ verdict: 'Pass' });
  });

  it('does not grade an answer without bounds', async () => {
    expect(await grade({ contains: ['x'] }, { answer: 'x'.repeat(maximumAnswerCharacters + 1) })).toMatchObject({ verdict: 'Fail', reason: expect.stringContaining('1000000 at most are graded') });
  });

  it('does not put a million combining marks in order, which takes minutes that nothing can end', async () => {
    const piled = `x${'\u0315\u0300'.repeat(400_000)}`;
    expect(await grade({ contains: ['x'] }, { answer: piled })).toEqual({ verdict: 'Fail', reason: 'the answer has more than 128 combining marks on one letter, which no writing has' });
    expect(await grade({ notContains: ['y'], mustRefuse: {} }, { answer: piled, ending: 'refused' })).toMatchObject({ verdict: 'Fail' });
    expect(await grade({ contains: ['x'] }, { answer: `x${'\u0300'.repeat(maximumMarks)}`.repeat(1_000) })).toMatchObject({ verdict: 'Pass' });
    expect(await grade({ contains: ['caf\u00e9'] }, { answer: 'Cafe\u0301' })).toMatchObject({ verdict: 'Pass' });
  });

  it('a grader that breaks has measured nothing', async () => {
    const broken = [{ expectation: 'contains', grade: () => Promise.reject(new Error('secret')) }];
    expect(await gradeTranscript(broken, transcript, context)).toEqual({ verdict: 'NotMeasured', reason: 'the grader of contains broke down' });
    await expect(gradeTranscript(broken, transcript, { ...context, signal: AbortSignal.abort(new Error('stop')) })).rejects.toThrow('stop');
  });
});
