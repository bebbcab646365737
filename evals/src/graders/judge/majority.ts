import type { OnCost } from '../../bill.ts';
import type { Judge, Judgement, JudgeQuestion } from './judge.ts';

/** Judgements that confirm a single Fail, so that a majority of three exists (section 2.6 of the statistics). */
const confirmations = 2;

/** What judgements come to; `undefined` when no majority of those asked for is left. */
export interface Majority {
  readonly judgement: 'Pass' | 'Fail' | undefined;
  readonly passes: number;
  readonly fails: number;
}

/**
 * Judges one transcript `repeats` times (odd), and a Fail by a single judgement twice more; the agent is never asked again. A
 * judgement that is unclear counts for neither side; a side needs more than half of all judgements asked for.
 */
export async function judgeByMajority(judge: Judge, question: JudgeQuestion, options: { readonly repeats: number; readonly signal: AbortSignal; readonly onCost: OnCost }): Promise<Majority> {
  const first = await judgements(judge, question, { ...options, count: options.repeats });
  const isAlone = options.repeats < 3 && first.includes('Fail');
  return majorityOf(isAlone ? [...first, ...(await judgements(judge, question, { ...options, count: confirmations }))] : first);
}

async function judgements(judge: Judge, question: JudgeQuestion, { count, signal, onCost }: { readonly count: number; readonly signal: AbortSignal; readonly onCost: OnCost }): Promise<readonly Judgement[]> {
  const all: Judgement[] = [];
  for (let round = 0; round < count; round += 1) all.push(await judge.judge(question, signal, onCost));
  return all;
}

/** More than half of all, unclear ones counted against both sides. */
export function majorityOf(all: readonly Judgement[]): Majority {
  const passes = all.filter((each) => each === 'Pass').length;
  const fails = all.filter((each) => each === 'Fail').length;
  const judgement = passes * 2 > all.length ? 'Pass' : fails * 2 > all.length ? 'Fail' : undefined;
  return { judgement, passes, fails };
}
