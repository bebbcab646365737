import { describe, expect, it } from 'vitest';
import type { CaseOutcome } from '../runner/case-outcome.ts';
import { outcomesDocument, parseOutcomes } from './outcomes-document.ts';

const passed: CaseOutcome = { name: 'a', hard: true, weight: 2, tags: ['t'], verdict: 'Passed', reason: '', score: 1, flaky: false, digest: 'sha256:1', latencyMs: 12.5 };
const errored: CaseOutcome = { ...passed, name: 'b', verdict: 'Errored', reason: 'no answer', score: undefined, latencyMs: undefined };

describe('the document of a run', () => {
  it('holds every case, those without a result included', () => {
    const partly: CaseOutcome = { ...errored, name: 'c', score: 1, unscored: 2 / 3 };
    expect(parseOutcomes(outcomesDocument([passed, errored, partly]))).toEqual([passed, errored, partly]);
  });

  it.each([['half of one', outcomesDocument([passed]).slice(0, 40)], ['nothing', ''], ['another form', '{"cases":[]}'], ['a verdict that is none', JSON.stringify([{ ...passed, verdict: 'Fine' }])]])('is none when it is %s', (_name, text) => {
    expect(parseOutcomes(text)).toBeUndefined();
  });
});
