// What is said about results, without what brings them about: for programs that ask no agent.
export type { CaseOutcome } from './runner/case-outcome.ts';
export { trialLine, trialsIn } from './graders/judge/trials.ts';
export { keptLine, keptResults, withoutReason } from './runner/kept-results.ts';
export { type Progress, progressLine } from './runner/progress.ts';
export { moreResultsPath, resultsPage, type ResultsPage, resultsPath, resultsPerPage } from './runner/results-page.ts';
export type { SampleResult } from './runner/sample-result.ts';
export { digestOfCase } from './suite/case-digest.ts';
export { outcomesOf } from './verdict/outcomes-of-results.ts';
export { neededCases } from './verdict/paired-comparison.ts';
export { judgeSuite, type SuiteVerdict } from './verdict/suite-verdict.ts';
