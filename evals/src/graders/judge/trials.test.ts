import { describe, expect, it } from 'vitest';
import { keptLine, keptResults, withoutReason } from '../../runner/kept-results.ts';
import type { SampleResult } from '../../runner/sample-result.ts';
import type { Judge, JudgeQuestion } from './judge.ts';
import { paidElsewhere, readTrials, rememberingJudge, type Trial, trialLine, trialsIn } from './trials.ts';

const question = (answer: string): JudgeQuestion => ({ rubric: 'polite', input: 'q', answer });
const { signal } = new AbortController();
const result: SampleResult = { case: 'a', repeat: 1, digest: 'sha256:0123456789abcdef', verdict: 'Pass', score: 1, reason: 'r', hard: false, weight: 1, tags: [] };

/** Judges at ten cents, and writes down what it was asked. */
function paidJudge(dollars = 0.1) {
  const asked: string[] = [];
  const judge: Judge = { judge: async ({ answer }, _signal, onCost) => { asked.push(answer); onCost(dollars); return answer === 'bad' ? 'Fail' : 'Pass'; } };
  return { asked, judge };
}

async function tried(judge: Judge, known: ReadonlyMap<string, Trial>, answers: readonly string[], model = 'judge-1') {
  const trials: Trial[] = [];
  const costs: number[] = [];
  const remembering = rememberingJudge(judge, { model, known, onTrial: (trial) => trials.push(trial) });
  const judgements = [];
  for (const answer of answers) judgements.push(await remembering.judge(question(answer), signal, (cost) => costs.push(cost)));
  return { judgements, trials, costs };
}

describe('a judge that was tried by an earlier process of the run', () => {
  it('is asked only what is missing, and what it has cost is told again', async () => {
    const first = paidJudge();
    const { trials } = await tried(first.judge, new Map(), ['bad', 'good']);
    const known = trialsIn([trials.map(trialLine).join('\n')]);
    const second = paidJudge();
    expect(await tried(second.judge, known, ['bad', 'good', 'another'])).toMatchObject({ judgements: ['Fail', 'Pass', 'Pass'], costs: [0.1, 0.1, 0.1], trials: [{ judgement: 'Pass' }] });
    expect([first.asked, second.asked]).toEqual([['bad', 'good'], ['another']]);
  });

  it('is another judge with another model', async () => {
    const { judge, asked } = paidJudge();
    const { trials } = await tried(judge, new Map(), ['bad']);
    await tried(judge, trialsIn(trials.map(trialLine)), ['bad'], 'judge-2');
    expect(asked).toEqual(['bad', 'bad']);
  });

  it('costs nothing again where another run has paid', async () => {
    const { trials } = await tried(paidJudge(Number.NaN).judge, new Map(), ['bad']);
    const { judge, asked } = paidJudge();
    expect(await tried(judge, paidElsewhere(trialsIn(trials.map(trialLine))), ['bad'])).toMatchObject({ judgements: ['Fail'], costs: [0], trials: [] });
    expect(asked).toEqual([]);
  });

  it('does not forget that a price is not known', async () => {
    const { trials } = await tried(paidJudge(Number.NaN).judge, new Map(), ['bad']);
    expect(trials).toMatchObject([{ dollars: 'Unknown' }]);
    expect((await tried(paidJudge().judge, trialsIn(trials.map(trialLine)), ['bad'])).costs).toEqual([Number.NaN]);
  });
});

describe('the lines of trials', () => {
  const trial: Trial = { digest: '0123456789abcdef', judgement: 'Unclear', dollars: 0.25 };

  it('stand among those of results, and neither reads the other', () => {
    const text = [keptLine(result), trialLine(trial), 'half a li'].join('\n');
    expect([...trialsIn([text]).values()]).toEqual([trial]);
    expect([...keptResults([text]).values()]).toMatchObject([{ case: 'a' }]);
    expect(withoutReason(trialLine(trial))).toBe(trialLine(trial));
  });

  it('of a results log are read as they come, the first of several', async () => {
    const bytes = async function* () { yield Buffer.from(`\n${trialLine(trial)}\n${trialLine({ ...trial, judgement: 'Pass' })}\n${JSON.stringify(result)}\n`); };
    expect([...(await readTrials('results.jsonl', bytes())).values()]).toEqual([trial]);
  });

  it('hold no question and no answer', async () => {
    const { trials } = await tried(paidJudge().judge, new Map(), ['a private answer']);
    expect(trials.map(trialLine).join()).not.toMatch(/private|polite/);
  });
});
