import type { EvalGate } from '@sluice/crds';
import { createReport, outcomesOf, type SampleResult } from '@sluice/evals';
import { judgeComparison } from '@sluice/operator/src/gates/eval-comparison.ts';
import { judgeEvalRun } from '@sluice/operator/src/gates/eval-verdict.ts';
import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { verdictOf } from './verdict.ts';

type Results = ReadonlyMap<string, SampleResult>;

const verdicts = { Pass: 1, Fail: 0, NotMeasured: undefined, NoAnswer: undefined } as const;

/** One result for each case, of which every seventh is hard. */
const results = (count: number) =>
  fc.array(fc.constantFrom<keyof typeof verdicts>('Pass', 'Pass', 'Pass', 'Pass', 'Pass', 'Pass', 'Fail', 'NotMeasured', 'NoAnswer'), { minLength: count, maxLength: count }).map(
    (all): Results => new Map(all.map((verdict, index) => [
      `c-${index}`,
      { case: `c-${index}`, repeat: 1, digest: `sha256:${String(index).padStart(12, '0')}`, verdict, ...(verdicts[verdict] === undefined ? {} : { score: verdicts[verdict] }), reason: '', hard: index % 7 === 0, weight: 1 + (index % 3), tags: [] },
    ])),
  );

const both = fc.integer({ min: 1, max: 40 }).chain((count) => fc.tuple(results(count), results(count)));
const gates = fc.record({ minPassPercent: fc.constantFrom(0, 50, 90, 100), marginPoints: fc.constantFrom(5, 10, 30), preexisting: fc.constantFrom<'Fail' | 'Allow'>('Fail', 'Allow') });

it('a laptop comes to the verdict of the operator on the same results', () => {
  fc.assert(
    fc.property(both, gates, ([canary, baseline], { minPassPercent, marginPoints, preexisting }) => {
      const gate: EvalGate = { suiteRef: { name: 'golden' }, minPassPercent, comparison: { marginPoints, preexisting, maxBaselineAge: '168h' } };
      const outcomes = outcomesOf(canary);
      const suite = { name: 'golden', cases: outcomes };
      const report = createReport(outcomes);
      const options = { minPassPercent: undefined, marginPoints: undefined };
      const alone = verdictOf({ suiteName: 'golden', candidate: outcomes, baseline: undefined, gate: { suiteRef: gate.suiteRef, minPassPercent }, options });
      expect(alone.verdict).toBe(judgeEvalRun(report, { minPassPercent }, suite).verdict);
      const compared = verdictOf({ suiteName: 'golden', candidate: outcomes, baseline: outcomesOf(baseline), gate, options });
      expect(compared.verdict).toBe(judgeComparison({ report, suite, canary, baseline, stableRevision: 'r1', marginPoints, preexisting, minPassPercent }).verdict);
    }),
    { numRuns: 400 },
  );
});
