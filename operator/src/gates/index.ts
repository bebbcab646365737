export { judgeComparison, tooSmall } from './eval-comparison.ts';
export { judgeEvalRun, type EvalVerdict, type JudgedSuite } from './eval-verdict.ts';
export { staleAfterMs } from './evidence-age.ts';
export { judgeOutage, outageOver, type OutageVerdict } from './outage.ts';
