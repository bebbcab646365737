import { describe, expect, it } from 'vitest';
import { checkManifest } from './check-manifest.ts';
import { suiteWarnings } from './suite-warnings.ts';

const cases = [{ name: 'a', input: { text: 'q' }, expect: { judge: { rubric: 'polite' } } }];

function suite(bad: number, good: number, asked: object = {}): unknown {
  const example = (label: string) => (_: unknown, index: number) => ({ input: 'q', answer: `${index}`, rubric: 'polite', label });
  return { cases, judge: { model: 'm', examples: [...Array.from({ length: bad }, example('Fail')), ...Array.from({ length: good }, example('Pass'))], ...asked } };
}

const few = (count: number, label: string, rest: string): string => `spec.judge.examples has ${count} with the label ${label}: a judge that agrees with ${rest}`;

describe('a judge that few examples let judge is warned of, with how many would show what is asked for', () => {
  it.each<[string, unknown, string[]]>([
    ['one of each', suite(1, 1), [
      few(1, 'Fail', 'it finds bad answers in 2 to 100 % of all cases (95 % confidence), and judges, though minSensitivityPercent is 80: label 17 or more'),
      few(1, 'Pass', 'it leaves good answers alone in 2 to 100 % of all cases (95 % confidence), and judges, though minSpecificityPercent is 80: label 17 or more'),
    ]],
    ['few bad ones', suite(5, 20), [few(5, 'Fail', 'all of them finds bad answers in 48 to 100 % of all cases (95 % confidence), and judges, though minSensitivityPercent is 80: label 17 or more')]],
    ['one too few', suite(17, 16), [few(16, 'Pass', 'all of them leaves good answers alone in 79 to 100 % of all cases (95 % confidence), and judges, though minSpecificityPercent is 80: label 17 or more')]],
    ['enough', suite(17, 17), []],
    ['enough for what is asked', suite(6, 6, { minSensitivityPercent: 50, minSpecificityPercent: 50 }), []],
    ['all of them, which nothing can show', suite(36, 36, { minSensitivityPercent: 100, minSpecificityPercent: 100 }), []],
    ['none of a label, with which it never judges', suite(17, 0), []],
    ['no judge', { cases: [{ name: 'a', input: { text: 'q' }, expect: { contains: ['x'] } }] }, []],
    ['what the schema refuses', { cases: 'none' }, []],
  ])('%s', (_, spec, warnings) => {
    expect(suiteWarnings(spec)).toEqual(warnings);
  });

  it('in the line of its manifest', () => {
    const manifest = { apiVersion: 'sluice.dev/v1alpha1', kind: 'EvalSuite', metadata: { name: 'judged' }, spec: suite(1, 20) };
    expect(checkManifest(manifest, { now: 0 })).toMatchObject({ kind: 'Checked', problems: [], warnings: [expect.stringContaining('has 1 with the label Fail')] });
  });
});
