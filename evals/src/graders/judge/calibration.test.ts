import type { JudgeModel } from '@sluice/crds';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { calibrateJudge, exactShare } from './calibration.ts';
import { judgementOf } from './model-judge.ts';
import type { Judge } from './judge.ts';

const example = (answer: string, label: 'Pass' | 'Fail') => ({ input: 'q', answer, rubric: 'polite', label });
const model = (examples: JudgeModel['examples'], changes: Partial<JudgeModel> = {}): JudgeModel => ({ model: 'judge-1', examples, minSensitivityPercent: 80, minSpecificityPercent: 80, ...changes });
/** Judges by the word in the answer. */
const reader: Judge = { judge: async ({ answer }) => (answer.includes('bad') ? 'Fail' : answer.includes('?') ? 'Unclear' : 'Pass') };
const { signal } = new AbortController();

describe('the calibration of a judge', () => {
  it.each([
    ['agrees', [example('bad', 'Fail'), example('good', 'Pass')], undefined],
    ['misses bad ones', [example('good', 'Fail'), example('good', 'Pass')], 'the judge finds only 0 of 1 (0 to 98 %) bad examples, minSensitivityPercent is 80'],
    ['finds too much', [example('bad', 'Fail'), example('bad', 'Pass')], 'the judge leaves only 0 of 1 (0 to 98 %) good examples alone, minSpecificityPercent is 80'],
    ['is unclear', [example('?', 'Fail'), example('good', 'Pass')], 'the judge finds only 0 of 1'],
    ['is tried on good ones only', [example('good', 'Pass')], 'has none with the label Fail; add bad answers'],
    ['is tried on bad ones only', [example('bad', 'Fail')], 'has none with the label Pass; add good answers'],
  ] as const)('of one that %s', async (_title, examples, refusal) => {
    const calibration = await calibrateJudge(reader, model([...examples]), { signal, concurrency: 2 });
    if (refusal === undefined) expect(calibration).toMatchObject({ refusal: undefined, message: 'the judge finds 1 of 1 (2 to 100 %) bad examples and leaves 1 of 1 (2 to 100 %) good ones alone' });
    else expect(calibration.refusal).toContain(refusal);
  });

  it('judges each example once, as many at a time as it is told', async () => {
    let [running, most] = [0, 0];
    const asked: string[] = [];
    const slow: Judge = {
      judge: async ({ answer }) => {
        asked.push(answer);
        running += 1;
        most = Math.max(most, running);
        await new Promise((resolve) => setImmediate(resolve));
        running -= 1;
        return 'Pass';
      },
    };
    const answers = Array.from({ length: 10 }, (_value, index) => `answer ${index}`);
    expect((await calibrateJudge(slow, model(answers.map((answer) => example(answer, 'Pass'))), { signal, concurrency: 3 })).specificity).toMatchObject({ agreed: 10, of: 10 });
    expect([most, asked.toSorted()]).toEqual([3, answers.toSorted()]);
  });

  it('fails with the judge', async () => {
    await expect(calibrateJudge({ judge: () => Promise.reject(new Error('down')) }, model([example('bad', 'Fail')]), { signal, concurrency: 1 })).rejects.toThrow('down');
  });

  it('has exact intervals', () => {
    // scipy.stats.beta.ppf: 8 of 10
    expect(exactShare(8, 10)).toMatchObject({ lower: expect.closeTo(0.4439045, 6), upper: expect.closeTo(0.9747893, 6) });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 200 }), fc.nat(200), (of, some) => {
        const { lower, upper } = exactShare(Math.min(some, of), of);
        expect(lower).toBeLessThanOrEqual(Math.min(some, of) / of + 1e-12);
        expect(upper).toBeGreaterThanOrEqual(Math.min(some, of) / of - 1e-12);
      }),
    );
  });
});

describe('a model as judge', () => {
  it.each([
    ['It is polite.\nPASS', 'Pass'],
    ['**FAIL**\n', 'Fail'],
    ['PASS\nFAIL.', 'Fail'],
    ['I would say PASS', 'Unclear'],
    ['', 'Unclear'],
  ])('%j: %s', (text, judgement) => {
    expect(judgementOf(text)).toBe(judgement);
  });
});
