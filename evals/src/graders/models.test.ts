import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Judge, JudgeFailure, type Judgement, type JudgeQuestion } from './judge/judge.ts';
import { judgeGrader, maximumJudgedCharacters } from './judge/judge-grader.ts';
import { majorityOf } from './judge/majority.ts';
import { cosineSimilarity, type Embedder } from './similarity/embedder.ts';
import { maximumComparedCharacters, similarityGrader } from './similarity/similarity-grader.ts';
import { quietTime } from '../testing/quiet-time.ts';

const context = { evalCase: { name: 'c', input: { text: 'Hello?' } }, signal: new AbortController().signal, onJudgeCost: () => {}, checkTime: quietTime() };
const transcript = { answer: 'Hi.', ending: 'answered' as const, toolCalls: [], latencyMs: 1 };

function judgeThatSays(...judgements: readonly (Judgement | Error)[]): Judge & { readonly questions: JudgeQuestion[] } {
  const questions: JudgeQuestion[] = [];
  const judge: Judge['judge'] = async (question) => {
    const next = judgements[questions.length];
    questions.push(question);
    if (next === undefined || next instanceof Error) throw next ?? new Error('asked too often');
    return next;
  };
  return { judge, questions };
}

describe('judge', () => {
  it.each([
    [1, ['Pass'], 'Pass'],
    [1, ['Fail', 'Fail', 'Pass'], 'Fail'],
    [1, ['Fail', 'Pass', 'Pass'], 'Pass'],
    [1, ['Fail', 'Pass', 'Unclear'], 'NotMeasured'],
    [1, ['Unclear'], 'NotMeasured'],
    [3, ['Pass', 'Fail', 'Pass'], 'Pass'],
    [3, ['Fail', 'Fail', 'Pass'], 'Fail'],
    [5, ['Pass', 'Pass', 'Unclear', 'Unclear', 'Fail'], 'NotMeasured'],
  ] as const)('%d asked for, says %j: %s', async (repeats, judgements, verdict) => {
    const judge = judgeThatSays(...judgements);
    expect(await judgeGrader({ rubric: 'polite', repeats }, judge)(transcript, context)).toMatchObject({ verdict });
    expect(judge.questions).toHaveLength(judgements.length);
    // The same transcript each time: the agent is never asked again.
    expect(new Set(judge.questions.map((question) => JSON.stringify(question))).size).toBe(1);
  });

  it('that is down measures nothing', async () => {
    expect(await judgeGrader({ rubric: 'polite', repeats: 3 }, judgeThatSays('Pass', new Error('the key is sk-1')))(transcript, context)).toEqual({ verdict: 'NotMeasured', reason: 'the judge gave no judgement' });
    expect(await judgeGrader({ rubric: 'polite', repeats: 1 }, judgeThatSays(new JudgeFailure('The model provider is overloaded (HTTP 503)')))(transcript, context)).toEqual({ verdict: 'NotMeasured', reason: 'the judge gave no judgement: The model provider is overloaded (HTTP 503)' });
  });

  it.each([
    [undefined, 'expect.judge has no judge: none was opened'],
    ['the judge finds only 0 of 1 (0 to 98 %) bad examples, minSensitivityPercent is 80', 'expect.judge has no judge: the judge finds only 0 of 1 (0 to 98 %) bad examples, minSensitivityPercent is 80'],
  ])('that is not there, because %s, measures nothing', async (why, reason) => {
    expect(await judgeGrader({ rubric: 'polite', repeats: 1 }, undefined, why)(transcript, context)).toEqual({ verdict: 'NotMeasured', reason });
  });

  it('tells what each judgement costs, those that confirm a failure too', async () => {
    const costs: number[] = [];
    const priced: Judge = { judge: async (_question, _signal, onCost) => (onCost(0.25), 'Fail') };
    await judgeGrader({ rubric: 'polite', repeats: 1 }, priced)(transcript, { ...context, onJudgeCost: (dollars) => costs.push(dollars) });
    expect(costs).toEqual([0.25, 0.25, 0.25]);
  });

  it('stops with the run', async () => {
    const judge: Judge = { judge: () => Promise.reject(new Error('cancelled')) };
    const signal = AbortSignal.abort(new Error('stop'));
    await expect(async () => judgeGrader({ rubric: 'polite', repeats: 1 }, judge)(transcript, { ...context, signal })).rejects.toThrow('stop');
  });

  it('reads the whole of an answer or none of it: one that is longer is not measured, and nobody is asked', async () => {
    const judge = judgeThatSays('Pass');
    const whole = 'a'.repeat(maximumJudgedCharacters);
    expect(await judgeGrader({ rubric: 'tells no secret', repeats: 1 }, judge)({ ...transcript, answer: `${whole} The secret is 42.` }, context)).toEqual({ verdict: 'NotMeasured', reason: 'the answer has 20018 characters, 20000 at most are shown to the judge, and never a part of it' });
    expect(judge.questions).toEqual([]);
    expect(await judgeGrader({ rubric: 'tells no secret', repeats: 1 }, judge)({ ...transcript, answer: whole }, context)).toMatchObject({ verdict: 'Pass' });
    expect(judge.questions.map(({ answer }) => answer)).toEqual([whole]);
  });

  it('a majority is more than half, and only one side has it', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom<Judgement>('Pass', 'Fail', 'Unclear'), { minLength: 1, maxLength: 9 }), (judgements) => {
        const { judgement, passes, fails } = majorityOf(judgements);
        expect(judgement === 'Pass').toBe(passes > judgements.length / 2);
        expect(judgement === 'Fail').toBe(fails > judgements.length / 2);
      }),
    );
  });
});

describe('similarTo', () => {
  const vectors: Readonly<Record<string, readonly number[]>> = { 'Hi.': [1, 0], Hello: [0.8, 0.6], Bye: [-1, 0], '?': [0, 0] };
  const embedder: Embedder = { digest: 'sha256:model', embed: async (texts) => texts.map((text) => Float32Array.from(vectors[text] ?? [])) };

  it.each([
    [['Hello'], 0.79, 'Pass'],
    [['Hello'], 0.81, 'Fail'],
    [['Bye', 'Hello'], 0.7, 'Pass'],
    [['Bye'], 0, 'Fail'],
    [['Hello', '?'], 0.1, 'NotMeasured'],
    [['unknown'], 0, 'NotMeasured'],
  ] as const)('%j at %d: %s', async (texts, atLeast, verdict) => {
    expect(await similarityGrader({ texts: [...texts], atLeast }, embedder)(transcript, context)).toMatchObject({ verdict });
  });

  it('compares the whole of an answer or none of it', async () => {
    const of = (length: number) => similarityGrader({ texts: ['x'], atLeast: 0 }, { digest: 'sha256:model', embed: async (texts) => texts.map(() => Float32Array.from([1, 0])) })({ ...transcript, answer: 'x'.repeat(length) }, context);
    expect(await of(maximumComparedCharacters)).toMatchObject({ verdict: 'Pass' });
    expect(await of(maximumComparedCharacters + 1)).toEqual({ verdict: 'NotMeasured', reason: 'the answer has 20001 characters, 20000 at most are compared with similarTo.texts, and never a part of it' });
  });

  it('without a model measures nothing', async () => {
    expect(await similarityGrader({ texts: ['Hi.'], atLeast: 0 }, undefined)(transcript, context)).toMatchObject({ verdict: 'NotMeasured', reason: 'similarTo needs an embedding model, and none is mounted' });
    expect(await similarityGrader({ texts: ['Hi.'], atLeast: 0 }, { digest: 'sha256:model', embed: async () => [] })(transcript, context)).toMatchObject({ verdict: 'NotMeasured' });
  });

  it('the cosine is within -1 and 1, of a vector with itself 1, and knows no length', () => {
    const vector = fc.array(fc.integer({ min: -100, max: 100 }), { minLength: 3, maxLength: 3 }).filter((values) => values.some((value) => value !== 0));
    fc.assert(
      fc.property(vector, vector, (left, right) => {
        const cosine = cosineSimilarity(Float32Array.from(left), Float32Array.from(right));
        expect(Math.abs(cosine)).toBeLessThanOrEqual(1 + 1e-9);
        expect(cosineSimilarity(Float32Array.from(left), Float32Array.from(left.map((value) => value * 3)))).toBeCloseTo(1, 9);
      }),
    );
  });
});
