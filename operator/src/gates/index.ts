export { worstVerdict } from './bound-check.ts';
export { judgeEvalRun, type EvalVerdict, type JudgedSuite } from './eval-verdict.ts';
export { judgeObjective, judgeObjectives, staleAfterMs } from './judge.ts';
export { judgeOutage, outageOver, type OutageVerdict } from './outage.ts';
