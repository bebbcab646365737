import type { JudgeExpectation } from '@sluice/crds';
import { fail, notMeasured, pass, type Finding } from '../finding.ts';
import type { Grader } from '../grader.ts';
import { type Judge, JudgeFailure } from './judge.ts';
import { judgeByMajority, type Majority } from './majority.ts';

/** A judge that has read a part of an answer knows nothing of the rest. */
export const maximumJudgedCharacters = 20_000;

/** How it begins that an answer is not graded, because no judge may judge; why follows. */
export const noJudge = 'expect.judge has no judge';

/** Asks the judge about the transcript as it is. A judge that is down or says nothing clear measures nothing. `why` there is none, where there is none. */
export function judgeGrader({ rubric, repeats }: JudgeExpectation, judge: Judge | undefined, why = 'none was opened'): Grader['grade'] {
  return async ({ answer }, { evalCase, signal, onJudgeCost }) => {
    if (judge === undefined) return notMeasured(`${noJudge}: ${why}`);
    if (answer.length > maximumJudgedCharacters) return notMeasured(`the answer has ${answer.length} characters, ${maximumJudgedCharacters} at most are shown to the judge, and never a part of it`);
    try {
      return found(await judgeByMajority(judge, { rubric, input: evalCase.input.text, history: evalCase.history, answer }, { repeats, signal, onCost: onJudgeCost }));
    } catch (error) {
      signal.throwIfAborted();
      return notMeasured(`the judge gave no judgement${error instanceof JudgeFailure ? `: ${error.message}` : ''}`);
    }
  };
}

function found({ judgement, passes, fails }: Majority): Finding {
  if (judgement === 'Pass') return pass;
  const counts = `${fails} of the judgements Fail, ${passes} Pass`;
  return judgement === 'Fail' ? fail(`the judge finds that it does not meet the rubric (${counts})`) : notMeasured(`the judge is undecided (${counts})`);
}
