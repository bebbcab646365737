import type { JudgeExpectation } from '@sluice/crds';
import { fail, notMeasured, pass, type Finding } from '../finding.ts';
import type { Grader } from '../grader.ts';
import type { Judge } from './judge.ts';
import { judgeByMajority, type Majority } from './majority.ts';

/** A judge that has read a part of an answer knows nothing of the rest. */
export const maximumJudgedCharacters = 20_000;

/** Why an answer is not graded where no judge may judge. */
export const noJudge = 'expect.judge needs a judge that agrees with people, and there is none';

/** Asks the judge about the transcript as it is. A judge that is down or says nothing clear measures nothing. */
export function judgeGrader({ rubric, repeats }: JudgeExpectation, judge: Judge | undefined): Grader['grade'] {
  return async ({ answer }, { evalCase, signal, onJudgeCost }) => {
    if (judge === undefined) return notMeasured(noJudge);
    if (answer.length > maximumJudgedCharacters) return notMeasured(`the answer has ${answer.length} characters, ${maximumJudgedCharacters} at most are shown to the judge, and never a part of it`);
    try {
      return found(await judgeByMajority(judge, { rubric, input: evalCase.input.text, history: evalCase.history, answer }, { repeats, signal, onCost: onJudgeCost }));
    } catch {
      signal.throwIfAborted();
      return notMeasured('the judge gave no judgement');
    }
  };
}

function found({ judgement, passes, fails }: Majority): Finding {
  if (judgement === 'Pass') return pass;
  const counts = `${fails} of the judgements Fail, ${passes} Pass`;
  return judgement === 'Fail' ? fail(`the judge finds that it does not meet the rubric (${counts})`) : notMeasured(`the judge is undecided (${counts})`);
}
